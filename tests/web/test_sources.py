"""Data & health tells of each source how much it brings, how late, and when it has gone quiet."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from kembali.collect import api as collect
from kembali.collect.models import Connection, ConnectionTotal, Fact
from kembali.collect.payloads import PrivacyRequested
from kembali.config import wiring
from kembali.config.health import Finding, examine
from kembali.relay.models import Endpoint
from kembali.shop import api as shop
from kembali.web.sources import source_rows
from kembali.web.trust import double_rows, order_totals
from tests.makers.orders import START, order_fact
from tests.rooms.test_collect_volume import send
from tests.web.conftest import OWNER

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_source_that_flows_one_that_went_quiet_and_one_that_is_history() -> None:
    for hours in range(1, 30):
        send("public:site", 2, 40, at=AT - timedelta(hours=hours))
        send("trusted:till", 2, at=AT - timedelta(hours=24 + hours))
    send("orders", 90_000, 9e7, at=AT - timedelta(days=9))
    collect.count_new()
    site, till, orders = source_rows(AT)
    assert (site.name, site.state.label, site.lag) == (
        "public:site", "✓ flowing", "half within 5\u00a0s, nearly all within 1\u00a0min",
    )  # fmt: skip
    assert site.volume == (0,) * 12 + (12, 46)
    assert (till.state.label, till.state.tone, till.lag) == (
        "▲ quiet for 25\u00a0h", "away", "nearly all within 5\u00a0s",
    )  # fmt: skip
    assert (orders.state.label, orders.lag, sum(orders.volume)) == ("✓ kept", "", 2)


def test_a_connected_shops_own_count_stands_beside_ours_and_doubles_are_told() -> None:
    shop.set_up_shop(name="Shop", currency="GBP", time_zone="Europe/London")
    collect.append_facts(
        [
            order_fact("#1", (("MUG", 1, 1000),), source="woocommerce"),
            order_fact("#2", (("MUG", 2, 1000),), source="woocommerce"),
            order_fact("2", (("MUG", 2, 1000),), source="trusted:server"),
        ],
        at=START,
    )
    wiring.fold(START)
    connection = Connection.objects.create(
        platform="woocommerce", name="woocommerce", sealed_secrets="", hook_token="t", created_at=START, due_at=START
    )
    said = ConnectionTotal.objects.create(
        connection=connection, month=START.date().replace(day=1), currency="GBP", order_count=3, asked_at=START
    )
    told = next(one for one in order_totals("GBP") if one.there_count is not None)
    assert (told.label, told.order_count, told.there_count, told.agrees) == ("woocommerce, Mar 2026", 2, 3, False)
    said.order_count, said.total_minor = 2, 3000
    said.save()
    assert next(one for one in order_totals("GBP") if one.there_count is not None).agrees is True
    said.asked_at = START - timedelta(minutes=1)  # an order came by webhook since: no alarm
    said.order_count = 1
    said.save()
    told = next(one for one in order_totals("GBP") if one.there_count is not None)
    assert (told.agrees, told.went_on) == (None, True)
    (double,) = double_rows()
    assert (double.source, double.other_source, double.order_count) == ("trusted:server", "woocommerce", 1)
    assert (double.net_minor, double.examples) == (2000, "2")


def test_an_owner_lets_one_of_two_sources_count_and_takes_it_back(signed_in: Client) -> None:
    shop.set_up_shop(name="Shop", currency="GBP", time_zone="Europe/London")
    ann = {"email": "ann@example.com"}
    collect.append_facts(
        [
            order_fact("1", (("MUG", 1, 1000),), source="generic", identifiers=ann),
            order_fact("#1", (("MUG", 1, 1000),), source="shopify", identifiers=ann),
        ],
        at=START,
    )
    wiring.fold(START)
    (person,) = shop.search_people("ann").people
    page = signed_in.get("/health/").content.decode()
    assert "One order stands in two sources: is it counted twice?" in page
    assert "Counted twice?" in signed_in.get("/").content.decode()
    assert signed_in.get(f"/people/{person.customer_id}/").content.decode().count("1 · £10.00") == 2

    pair = {"source": "generic", "beside": "shopify"}
    assert signed_in.post("/health/doubles/", pair).status_code == 302
    wiring.fold(START)
    page = signed_in.get("/health/").content.decode()
    assert "The numbers can be trusted" in page
    assert "One order of generic is left out, because shopify tells of it." in page
    assert shop.profile_of(person.customer_id).order_count == 1
    told = signed_in.get(f"/people/{person.customer_id}/").content.decode()
    assert (told.count("1 · £10.00"), "deleted" in told) == (1, False)

    signed_in.post("/health/doubles/", pair | {"answer": "back"})
    wiring.fold(START)
    assert "One order stands in two sources" in signed_in.get("/health/").content.decode()
    assert shop.profile_of(person.customer_id).order_count == 2


def test_what_the_law_lets_people_demand_waits_on_the_page_until_somebody_answered(signed_in: Client) -> None:
    shop.set_up_shop(name="Shop", currency="GBP", time_zone="Europe/London")
    ann = {"customer_ref": "shopify:5", "email": "ann@example.com"}
    wanted = PrivacyRequested(request="erasure", order_refs=["11"])
    collect.append_facts(
        [
            order_fact("1", (("MUG", 1, 1000),), source="shopify", identifiers=ann),
            collect.NewFact(
                source="shopify", message_id="privacy:customers/redact:w1", kind="privacy.requested",
                occurred_at=START, payload=wanted, identifiers=ann,
            ),
        ],
        at=START,
    )  # fmt: skip
    wiring.fold(START)
    (demand,) = collect.list_demands()
    (person,) = shop.search_people("ann").people
    page = signed_in.get("/health/").content.decode()
    assert "A person wants to be forgotten" in page
    assert f'href="/people/{person.customer_id}/"' in page
    assert Finding("demands by law", "1 to answer, the oldest of 2026-03-02, see Data & health", ok=False) in examine(
        settings.KEMBALI, pending_migrations=0
    )

    assert signed_in.post("/health/demands/", {"seq": demand.fact.seq - 1}).status_code == 404
    assert collect.count_demands() == 1
    for _ in range(2):
        assert signed_in.post("/health/demands/", {"seq": demand.fact.seq}).status_code == 302
    assert (collect.count_demands(), collect.list_demands()) == (0, [])
    assert "wants to be forgotten" not in signed_in.get("/health/").content.decode()
    answered = Fact.objects.get(kind="privacy.answered")
    assert answered.payload == {"seq": demand.fact.seq, "request": "erasure", "by": OWNER}
    assert Finding("demands by law", "none waits") in examine(settings.KEMBALI, pending_migrations=0)


def test_the_doctor_tells_of_connections_that_fail_webhooks_given_up_and_an_edge_nobody_reaches() -> None:
    def told(subject: str) -> list[tuple[str, bool]]:
        return [
            (one.found, one.ok) for one in examine(settings.KEMBALI, pending_migrations=0) if one.subject == subject
        ]

    assert told("edge") == []
    one = Connection.objects.create(
        platform="woocommerce", name="woocommerce", sealed_secrets="", hook_token="t", created_at=START, due_at=START
    )
    assert told("connection woocommerce") == [("is read", True)]
    ((edge, is_well),) = told("edge")
    assert (is_well, "set KEMBALI_EDGE_URL" in edge) == (False, True)
    Connection.objects.filter(pk=one.pk).update(failures=3, last_error="The shop does not answer.")
    assert told("connection woocommerce") == [("failed 3 times in a row: The shop does not answer.", False)]

    gone = Endpoint.objects.create(
        url="https://a.example/in", secret_sealed="", created_at=START, disabled_at=START, disabled_why="gone"
    )
    assert told(f"webhook {gone.pk}") == [
        ("https://a.example/in is told nothing any more: the address answered that it is gone", False)
    ]
