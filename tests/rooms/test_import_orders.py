"""Importing order files: every line accounted for, nothing done twice, nothing lost when killed."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kembali.collect import api as collect
from kembali.collect.files.contracts import OrderVersion
from kembali.collect.imports import versions
from kembali.collect.models import Fact, FileImport, RejectedLine
from kembali.shop import api as shop
from kembali.shop.models import Order
from tests.makers.realdata import real_data

AT = datetime(2026, 11, 1, tzinfo=UTC)
LATER = AT + timedelta(days=1)
pytestmark = pytest.mark.django_db(transaction=True)

HEADER = "order_id,created_at,email,sku,title,qty,unit_price,gift_note"
ROWS = (
    "1,2026-01-05 10:00,ann@example.com,MUG,Mug,2,10.00,",
    "1,2026-01-05 10:00,ann@example.com,TEA,Tea,1,5.00,",
    "1,2026-01-05 10:00,ann@example.com,TEA,Tea,1,5.00,",
    "2,2026-01-06 11:00,bob@example.com,MUG,Mug,1,10.00,for Sue",
    "3,2026-01-07 12:00,cat@example.com,MUG,Mug,1,10.00,",
)


@pytest.fixture(autouse=True)
def _shop() -> None:
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")


def write(folder: Path, *rows: str, name: str = "orders.csv", header: str = HEADER) -> Path:
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def bring_in(path: Path, *, at: datetime = AT) -> collect.ImportResult:
    result = collect.import_file(path, currency="GBP", time_zone="Europe/London", at=at)
    assert result.lines == result.accepted + result.rejected + result.merged
    while collect.run_consumer(shop.PROJECTION, at=at):
        pass
    return result


def counts(result: collect.ImportResult) -> tuple[int, int, int]:
    return result.accepted, result.rejected, result.merged


def test_every_line_becomes_part_of_an_order_version(tmp_path: Path) -> None:
    result = bring_in(write(tmp_path, *ROWS))
    assert (result.lines, *counts(result)) == (5, 5, 0, 0)
    assert (result.orders, result.customers, result.revenue_minor, result.exact_duplicates) == (3, 3, 5000, 1)
    assert result.unmapped_columns == ("gift_note",)
    assert sorted(Order.objects.values_list("order_ref", "gross_minor")) == [("1", 3000), ("2", 1000), ("3", 1000)]
    (run,) = collect.list_imports()
    assert (run.pk, run.line_count, run.accepted_count, run.finished_at) == (result.import_id, 5, 5, AT)


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, *ROWS)
    bring_in(path)
    before = shop.state_hash()
    again = bring_in(path, at=LATER)
    assert counts(again) == (0, 0, 5)
    assert (again.orders, again.revenue_minor) == (3, 5000)
    assert shop.state_hash() == before
    assert Fact.objects.count() == 3


def test_a_longer_export_updates_orders_instead_of_doubling_them(tmp_path: Path) -> None:
    bring_in(write(tmp_path, *ROWS))
    more = ("3,2026-01-07 12:00,cat@example.com,TEA,Tea,4,5.00,", "4,2026-01-08 09:00,dan@example.com,MUG,Mug,1,10.00,")
    result = bring_in(write(tmp_path, *ROWS, *more), at=LATER)
    assert counts(result) == (2, 0, 5)
    assert dict(Order.objects.values_list("order_ref", "gross_minor")) == {"1": 3000, "2": 1000, "3": 3000, "4": 1000}


def test_a_plan_says_what_the_import_then_does_and_writes_nothing(tmp_path: Path) -> None:
    bring_in(write(tmp_path, *ROWS))
    path = write(
        tmp_path, *ROWS, "4,2026-01-08 09:00,dan@example.com,MUG,Mug,1,10.00,", "5,never,x@example.com,MUG,Mug,1,1,"
    )
    facts, runs = Fact.objects.count(), FileImport.objects.count()
    plan = collect.plan_import(path, currency="GBP", time_zone="Europe/London", at=LATER)
    assert (Fact.objects.count(), FileImport.objects.count(), RejectedLine.objects.count()) == (facts, runs, 0)
    result = bring_in(path, at=LATER)
    assert (plan.lines, plan.accepted, plan.rejected, plan.merged) == (7, 1, 1, 5) == (result.lines, *counts(result))
    assert plan.mapped["order_ref"] == "order_id"


def test_rejected_lines_are_kept_with_place_reason_and_text(tmp_path: Path) -> None:
    result = bring_in(
        write(
            tmp_path, ROWS[0], "2,someday,bob@example.com,MUG,Mug,1,10.00,", "3,2026-01-07,cat@example.com,TEA,Tea,x,1,"
        )
    )
    assert counts(result) == (1, 2, 0)
    assert result.reasons == {"bad_date": 1, "bad_quantity": 1}
    kept = collect.list_rejected_lines()
    assert [(one.line_number, one.reason_code) for one in kept] == [(3, "bad_date"), (4, "bad_quantity")]
    assert kept[0].raw == "2,someday,bob@example.com,MUG,Mug,1,10.00,"
    assert "someday" in kept[0].reason


def test_rejected_lines_join_their_order_when_the_mapping_is_mended(tmp_path: Path) -> None:
    header = f"{HEADER},status"
    rows = (f"{ROWS[0]},paid", f"{ROWS[1]},bezahlt", f"{ROWS[3]},bezahlt")
    result = bring_in(write(tmp_path, *rows, header=header))
    assert (counts(result), dict(result.reasons)) == ((1, 2, 0), {"bad_status": 2})
    with pytest.raises(collect.ImportNotFound):
        collect.replay_rejected(10**9, at=LATER)
    replayed = collect.replay_rejected(result.import_id, mapping={"status.bezahlt": "paid"}, at=LATER)
    assert (replayed.accepted, replayed.rejected) == (2, 0)
    while collect.run_consumer(shop.PROJECTION, at=LATER):
        pass
    assert dict(Order.objects.values_list("order_ref", "gross_minor")) == {"1": 2500, "2": 1000}
    assert collect.list_rejected_lines() == []
    assert collect.replay_rejected(result.import_id, at=LATER).accepted == 0
    run = collect.list_imports()[0]
    assert (run.accepted_count, run.rejected_count) == (3, 0)


def test_a_line_that_came_in_another_way_is_not_added_again(tmp_path: Path) -> None:
    path = write(tmp_path, f"{ROWS[0]},paid", f"{ROWS[1]},bezahlt", header=f"{HEADER},status")
    mended = {"status.bezahlt": "paid"}
    first, second = bring_in(path), bring_in(path, at=LATER)
    for done in (first, second):
        collect.replay_rejected(done.import_id, mapping=mended, at=LATER)
    while collect.run_consumer(shop.PROJECTION, at=LATER):
        pass
    assert dict(Order.objects.values_list("order_ref", "gross_minor")) == {"1": 2500}
    assert collect.count_rejected_lines() == 0


class Killed(BaseException):
    """Stands for a process that ends in the middle."""


def test_an_import_that_was_killed_is_finished_by_running_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, *ROWS, "4,never,dan@example.com,MUG,Mug,1,10.00,")
    monkeypatch.setattr(versions, "PIECE_VERSIONS", 1)

    def die_after_two(done: int, total: int) -> None:
        if done > 3:
            raise Killed

    with pytest.raises(Killed):
        collect.import_file(path, currency="GBP", time_zone="Europe/London", at=AT, progress=die_after_two)
    assert Fact.objects.count() == 2
    result = bring_in(path, at=LATER)
    assert result.resumed
    assert (result.lines, *counts(result)) == (6, 5, 1, 0)
    assert FileImport.objects.get().started_at == AT
    assert Fact.objects.count() == 3
    assert counts(bring_in(path, at=LATER)) == (0, 1, 5)


def test_heavy_orders_are_cut_into_pieces_that_commit_soon() -> None:
    heavy = OrderVersion("m", "1", "order", AT, b"{}", b" " * 5_000_000, 1)
    assert [len(piece) for piece in versions.cut([[heavy] * 5])] == [2, 2, 1]


def test_folding_can_follow_an_import_on_a_second_connection(tmp_path: Path) -> None:
    with collect.following([shop.PROJECTION], at=AT):
        collect.import_file(write(tmp_path, *ROWS), currency="GBP", time_zone="Europe/London", at=AT)
    assert Order.objects.count() == 3
    assert collect.lag_of(shop.PROJECTION) == 0


def test_what_goes_wrong_while_following_is_raised_at_its_end() -> None:
    def fail(facts: object, at: datetime) -> None:
        raise Killed

    collect.append_facts(
        [collect.NewFact(source="test", message_id="1", kind="test", occurred_at=AT, payload={})], at=AT
    )
    with pytest.raises(Killed), collect.following([collect.Consumer("failing", frozenset(), fail)], at=AT):
        pass


def test_the_real_shops_file_agrees_with_its_published_figures_also_when_it_comes_as_a_longer_export(
    tmp_path: Path,
) -> None:
    path = real_data("online_retail/online_retail_2010-12-01_2011-09-09.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    part = tmp_path / "part.csv"
    part.write_text("\n".join(lines[:100_001]) + "\n", encoding="utf-8")
    assert counts(bring_in(part)) == (100_000, 0, 0)
    result = bring_in(path, at=LATER)
    assert (result.format, result.lines, *counts(result)) == ("online_retail", 334_054, 234_054, 0, 100_000)
    assert (result.orders, result.customers, result.revenue_minor) == (17_086, 3_412, 601_303_954)
    assert (result.exact_duplicates, result.order_types["cancellation"]) == (2_572, 2_624)
    assert Order.objects.count() == 17_086
    assert sum(total.gross_minor for total in shop.order_totals()) == 601_303_954
    before = shop.state_hash()
    assert counts(bring_in(path, at=LATER)) == (0, 0, 334_054)
    shop.rebuild(LATER)
    assert shop.state_hash() == before
