"""Connected shops on the command line: what it refuses, what holds all the same, and that watching is not spinning."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from typer.testing import CliRunner, Result

from kembali.cli import connecting, connections
from kembali.cli.output import NeedsAnAnswer
from kembali.collect import api as collect
from kembali.collect.connectors import platforms
from kembali.collect.models import Connection
from kembali.kernel.errors import Refused
from kembali.shop import api as shop_room
from tests.fakes.tiny_shop import TINY, TinyShop, tiny_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[TinyShop]:
    """A shop, and commands that run in the home of the tests."""
    monkeypatch.setattr(settings, "KEMBALI", replace(settings.KEMBALI, allow_private_addresses=True))
    monkeypatch.setattr(platforms, "CONNECTORS", {"tiny": TINY})
    for commands in (connecting, connections):
        monkeypatch.setattr(commands, "opened_home", nullcontext)
    with tiny_shop() as running:
        yield running


def run(*words: str) -> Result:
    return CliRunner().invoke(connections.app, words)


def said(*words: str) -> dict[str, object]:
    done = run(*words, "--json")
    assert done.exit_code == 0, done.exception
    found: dict[str, object] = json.loads(done.stdout)
    return found


def connected(shop: TinyShop) -> None:
    said("add", "tiny", "--address", shop.url, "--set", f"secret={shop.secret}")
    Connection.objects.update(due_at="2020-01-01T00:00Z")


def test_a_history_is_not_read_before_the_currency_is_known_nor_while_paused(shop: TinyShop) -> None:
    connected(shop)
    shop.asked.clear()
    assert isinstance(run("backfill", "tiny").exception, shop_room.ShopNotSetUp)
    shop_room.set_up_shop(name="Tiny", currency="EUR", time_zone="Europe/Berlin")
    said("pause", "tiny")
    refused = run("backfill", "tiny").exception
    assert (type(refused), str(refused)) == (Refused, "tiny is paused. kembali connections resume tiny")
    assert shop.asked == []
    said("resume", "tiny")
    assert said("backfill", "tiny") == {"name": "tiny", "facts": 0, "read": {"customers": 0, "orders": 0}}


def test_while_the_worker_reads_the_command_watches_and_waits_between_looks(
    shop: TinyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(shop)
    shop_room.set_up_shop(name="Tiny", currency="EUR", time_zone="Europe/Berlin")
    shop.asked.clear()
    lock, waits = f"kembali:connection:{Connection.objects.get().pk}", list[float]()
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as worker:
        worker.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (lock,))

        def slept(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                worker.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (lock,))

        monkeypatch.setattr("kembali.cli.connections.time.sleep", slept)
        said("backfill", "tiny")
    assert waits[:3] == [1.0, 1.0, 1.0]
    assert len(shop.asked) == 2


def test_a_change_holds_though_the_shop_takes_no_order_for_webhooks(shop: TinyShop) -> None:
    connected(shop)
    shop.failures = [(500, {})]
    done = run("change", "tiny", "--set", "corner=left", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"name": "tiny", "webhooks": 0})
    assert "It sends no webhooks yet: " in done.stderr
    assert Connection.objects.get().settings == {"corner": "left"}


def test_a_secret_in_a_file_that_is_not_there_is_a_plain_refusal(shop: TinyShop, tmp_path: Path) -> None:
    missing = tmp_path / "missing.txt"
    refused = run("add", "tiny", "--address", shop.url, "--set", f"secret=@{missing}").exception
    assert isinstance(refused, Refused)
    assert f"{missing} cannot be read" in refused.message
    assert Connection.objects.count() == 0


def test_where_nobody_can_be_asked_nothing_is_forgotten_without_a_yes(shop: TinyShop) -> None:
    connected(shop)
    for words in (("remove", "tiny"), ("remove", "tiny", "--json")):
        assert isinstance(run(*words).exception, NeedsAnAnswer)
    assert [view.name for view in collect.list_connections()] == ["tiny"]
    assert said("remove", "tiny", "--yes") == {"name": "tiny", "removed": True}
    assert collect.list_connections() == []
