"""Online Retail: the figures of this part of the year come out to the last line."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from kembali.collect.files.contracts import OrderVersion
from kembali.collect.files.order_file import OrderFile
from kembali.collect.files.reading import order_lines, read_file
from tests.makers.realdata import real_data

OBSERVED_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrderFile]:
    path = real_data("online_retail/online_retail_2010-12-01_2011-09-09.csv.gz")
    work_dir = tmp_path_factory.mktemp("work")
    with read_file(
        path, currency="GBP", time_zone="Europe/London", observed_at=OBSERVED_AT, work_dir=work_dir
    ) as orders:
        assert isinstance(orders, OrderFile)
        yield orders


@pytest.fixture(scope="module")
def versions(retail: OrderFile) -> dict[str, OrderVersion]:
    return {version.order_ref: version for batch in retail.versions() for version in batch}


def test_every_line_is_accounted_for(retail: OrderFile) -> None:
    summary = retail.summary
    assert (summary.lines, summary.accepted, summary.rejected) == (334_054, 334_054, 0)
    assert summary.orders == 17_086
    assert summary.orders_by_type == {"order": 13_018, "cancellation": 2_624, "adjustment": 1_444}
    assert summary.customers == 3_412
    assert summary.lines_without_customer == 91_927
    assert summary.revenue_minor == 601_303_954
    assert summary.exact_duplicates == 2_572
    assert summary.several_times == 38
    assert summary.first_placed_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    # British summer time: 17:52 on the clock.
    assert summary.last_placed_at == datetime(2011, 9, 9, 16, 52, tzinfo=UTC)


def test_the_batches_hold_what_the_summary_says(versions: dict[str, OrderVersion]) -> None:
    assert len(versions) == 17_086
    assert sum(version.line_count for version in versions.values()) == 334_054
    assert sum(version.line_count for version in versions.values() if version.type == "cancellation") == 6_031
    bad_debt = [version for ref, version in versions.items() if ref.startswith("A")]
    assert [(version.type, version.line_count) for version in bad_debt] == [("adjustment", 1)] * 3


def test_a_known_order_is_written_exactly(versions: dict[str, OrderVersion]) -> None:
    order = versions["536365"]
    payload = msgspec.json.decode(order.payload)
    assert order.identifiers == b'{"customer_ref":"17850"}'
    assert order.occurred_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert payload["totals"]["total_minor"] == 13_912
    assert payload["observed_at"] == "2026-11-21T12:00:00Z"
    assert payload["customer"]["country"] == "United Kingdom"
    assert len(payload["lines"]) == order.line_count == 7
    assert ["85123A", "WHITE HANGING HEART T-LIGHT HOLDER", 6, "2.55", 1_530] in payload["lines"]


def test_postage_is_marked_as_a_service_and_eire_stays_eire(versions: dict[str, OrderVersion]) -> None:
    payloads = [msgspec.json.decode(version.payload) for version in versions.values()]
    lines = [line for version in versions.values() for line in order_lines(version.payload)]
    marked = {line.sku for line in lines if (line.properties or {}).get("service")}
    assert marked == {
        *("POST", "DOT", "M", "m", "C2", "D", "S", "B", "AMAZONFEE", "BANK CHARGES", "CRUK", "PADS"),
        *(f"gift_0001_{value}" for value in (10, 20, 30, 40, 50)),
    }
    assert "EIRE" in {payload["customer"]["country"] for payload in payloads}


def test_a_stock_correction_is_an_adjustment_and_a_guest_order_is_an_order(versions: dict[str, OrderVersion]) -> None:
    assert {version.identifiers for version in versions.values() if version.type == "adjustment"} == {b"{}"}
    guests = [version for version in versions.values() if version.type == "order" and version.identifiers == b"{}"]
    assert guests


def test_a_second_reading_gives_the_same_message_ids(retail: OrderFile, versions: dict[str, OrderVersion]) -> None:
    again: set[str] = {version.message_id for batch in retail.versions(500) for version in batch}
    assert again == {version.message_id for version in versions.values()}
    assert isinstance(retail.shape.path, Path)
