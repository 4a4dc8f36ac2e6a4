"""The pure parts of the file reader: records, amounts, dates, and which lines are known."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kembali.collect.files import records
from kembali.collect.files.known_lines import known_line_count
from kembali.collect.files.moments import DateOrder, MomentReader, date_order
from kembali.collect.files.numerals import Mark, canonical, decimal_mark, parse_amount, parse_quantity
from kembali.kernel.clock import zone

Rows = list[tuple[int, int, list[str]]]


def rows_of(blocks: list[str], width: int = 3) -> tuple[Rows, list[records.Broken]]:
    rows: Rows = []
    broken: list[records.Broken] = []
    for chunk in records.chunks(blocks, delimiter=",", width=width, header_lines=0):
        cells = zip(*(column.to_pylist() for column in chunk.columns), strict=True)
        lines = zip(chunk.first_lines.to_pylist(), chunk.last_lines.to_pylist(), cells, strict=True)
        rows += [(first, last, list(row)) for first, last, row in lines]
        broken += chunk.broken
    return rows, broken


@settings(max_examples=400, deadline=None)
@given(text=st.text(alphabet='ab ",\n\r', max_size=60))
def test_the_fast_reader_gives_what_the_careful_one_gives(text: str) -> None:
    fast = records._plain_chunk(text, ",", 3, 1)
    if fast is None:
        return
    slow, rest, _ = records._Careful(delimiter=",", width=3).read(text, 1, is_last=True)
    assert rest == ""
    assert slow.broken == []
    assert [column.to_pylist() for column in fast.columns] == [column.to_pylist() for column in slow.columns]
    assert fast.first_lines.to_pylist() == slow.first_lines.to_pylist()
    assert fast.last_lines.to_pylist() == slow.last_lines.to_pylist()


@settings(max_examples=200, deadline=None)
@given(
    table=st.lists(st.lists(st.text(alphabet='ab",\n', max_size=6), min_size=3, max_size=3), min_size=1, max_size=8),
    data=st.data(),
)
def test_well_written_records_survive_any_cut_into_blocks(table: list[list[str]], data: st.DataObject) -> None:
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in table]
    physical = "".join(lines).splitlines(keepends=True)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(physical)), max_size=4)) | {0, len(physical)})
    blocks = ["".join(physical[start:stop]) for start, stop in pairwise(cuts)]
    rows, broken = rows_of(blocks)
    assert broken == []
    assert [row for _, _, row in rows] == table
    assert [last - first for first, last, _ in rows] == [line.count("\n") - 1 for line in lines]


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet='ab ",\n', max_size=80))
def test_no_physical_line_is_lost_or_counted_twice(text: str) -> None:
    rows, broken = rows_of([text])
    seen = [
        line
        for first, last in [(first, last) for first, last, _ in rows] + [(b.first_line, b.last_line) for b in broken]
        for line in range(first, last + 1)
    ]
    filled = {number for number, line in enumerate(text.split("\n"), start=1) if line}
    assert len(seen) == len(set(seen))
    assert filled <= set(seen)


@pytest.mark.parametrize(
    ("text", "mark", "amount"),
    [
        ("2.55", "point", "2.55"),
        ("1,234.50", "point", "1234.50"),
        ("1.234,50", "comma", "1234.50"),
        ("2,5", "comma", "2.5"),
        ("-£2.55", "point", "-2.55"),
        ("£-2.55", "point", "-2.55"),
        ("EUR 10", "point", "10"),
        ("10,00 €", "comma", "10.00"),
        ("1 234,5", "comma", "1234.5"),
        ("1'234.5", "point", "1234.5"),
        ("0.001", "point", "0.001"),
        (".5", "point", "0.5"),
        ("1.5E+03", "point", "1500"),
        ("0.00000000005", "point", "0"),
        ("12.50", "comma", None),
        ("1,23", "point", None),
        ("12,34,567", "point", None),
        ("nan", "point", None),
        ("", "point", None),
        ("-", "point", None),
        ("1e30", "point", None),
        ("٣", "point", "3"),
    ],
)
def test_an_amount_is_exact_or_refused(text: str, mark: Mark, amount: str | None) -> None:
    assert parse_amount(text, mark) == (None if amount is None else Decimal(amount))


def test_quantities_are_whole() -> None:
    assert [parse_quantity(text, "point") for text in ("6", "-80995", "6.0", "1,000", "6.5", "10000000000", "six")] == [
        6,
        -80_995,
        6,
        1_000,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(("text", "short"), [("2.5500000000", "2.55"), ("3.00", "3"), ("100", "100"), ("-0.0", "0")])
def test_an_amount_is_written_as_short_as_it_goes(text: str, short: str) -> None:
    assert canonical(Decimal(text)) == short


def test_the_decimal_mark_is_what_most_amounts_say() -> None:
    assert decimal_mark(["2,55", "3", "1.234,00"]) == "comma"
    assert decimal_mark(["2.55", "3", "1,234.00"]) == "point"
    assert decimal_mark(["1,234", "5"]) == "point"


@pytest.mark.parametrize(
    ("text", "order", "at"),
    [
        ("2010-12-01 08:26:00", "day_first", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("2010-07-01T08:26:00.999", "day_first", datetime(2010, 7, 1, 7, 26, tzinfo=UTC)),
        ("2026-05-01 10:00:00 +0200", "day_first", datetime(2026, 5, 1, 8, tzinfo=UTC)),
        ("2026-05-01 10:00:00 UTC", "day_first", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01T10:00:00Z", "day_first", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("20260115", "day_first", datetime(2026, 1, 15, tzinfo=UTC)),
        ("12/1/2010 8:26", "month_first", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("12/1/10 8:26 PM", "day_first", datetime(2010, 1, 12, 20, 26, tzinfo=UTC)),
        ("1.12.2010, 08:26", "day_first", datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("2010/12/01", "month_first", datetime(2010, 12, 1, tzinfo=UTC)),
        ("1825-12-01", "day_first", None),
        ("2010-02-30", "day_first", None),
        ("13/13/2010", "day_first", None),
        ("0", "day_first", None),
        ("12/1/2010 13:00 PM", "day_first", None),
    ],
)
def test_a_date_becomes_an_instant_in_the_shops_zone(text: str, order: DateOrder, at: datetime | None) -> None:
    instant = MomentReader(zone("Europe/London"), order).read(text)
    assert (instant and instant.at) == at


@given(
    naive=st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2099, 1, 1)),
    name=st.sampled_from(
        ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
    ),
)
def test_remembering_days_changes_no_instant(naive: datetime, name: str) -> None:
    from kembali.kernel.clock import to_utc

    naive = naive.replace(microsecond=0)
    assert MomentReader(zone(name), "day_first").read(naive.isoformat(" ")) == to_utc(naive, zone(name))


def test_day_and_month_are_told_apart_where_any_date_tells() -> None:
    assert date_order(["03/04/2026", "25/04/2026"]) == "day_first"
    assert date_order(["03/04/2026", "04/25/2026"]) == "month_first"
    assert date_order(["03/04/2026"]) is None
    assert date_order(["03.04.2026"]) == "day_first"
    assert date_order(["2026-04-03"]) == "day_first"


def test_known_lines_are_counted_as_often_as_both_versions_have_them() -> None:
    mug, two_mugs, tea = (["M", "Mug", 1, "2", 200], ["M", "Mug", 2, "2", 200], ["T", "Mug", 1, "2", 200])
    earlier, later = (msgspec.json.encode({"lines": lines}) for lines in ([mug, mug, tea], [mug, mug, mug, two_mugs]))
    assert known_line_count(earlier, later) == 2
    assert known_line_count(later, later) == 4
