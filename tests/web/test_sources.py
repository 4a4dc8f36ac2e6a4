"""Data & health tells of each source how much it brings, how late, and when it has gone quiet."""

from datetime import UTC, datetime, timedelta

import pytest

from kembali.collect import api as collect
from kembali.web.sources import source_rows
from tests.rooms.test_collect_volume import send

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
