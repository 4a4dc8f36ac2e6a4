"""Order files of every make: encodings, marks, delimiters, cells over several lines, broken rows."""

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kembali.collect.files.contracts import DryRun, RejectedLine
from kembali.collect.files.errors import BadMapping, ColumnsNotUnderstood, DatesNotUnderstood, FileEmpty, FileMissing
from kembali.collect.files.order_file import OrderFile
from kembali.collect.files.reading import inspect, order_lines, parse_mapping, read_file
from kembali.kernel.clock import to_utc

OBSERVED_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
HEADER = "order_id,created_at,email,sku,title,quantity,price"

Read = tuple[DryRun, dict[str, Any], list[RejectedLine]]


def read(
    path: Path, *, mapping: Mapping[str, str] | None = None, currency: str = "EUR", time_zone: str = "Europe/Berlin"
) -> Read:
    """Read a whole small file: summary, payload per order number, rejects."""
    with read_file(
        path, currency=currency, time_zone=time_zone, mapping=mapping, observed_at=OBSERVED_AT, work_dir=path.parent
    ) as orders:
        assert isinstance(orders, OrderFile)
        payloads = {
            version.order_ref: msgspec.json.decode(version.payload)
            | {"message_id": version.message_id, "lines": order_lines(version.payload)}
            for batch in orders.versions()
            for version in batch
        }
        rejects = [reject for batch in orders.rejects() for reject in batch]
        summary = orders.summary
    assert summary.lines == summary.accepted + summary.rejected
    assert summary.rejected == len(rejects)
    assert not list(path.parent.glob("import-*")), "the temporary database is gone"
    return summary, payloads, rejects


def written(tmp_path: Path, text: str, encoding: str = "utf-8", name: str = "orders.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(("delimiter", "line_end"), [(",", "\n"), (";", "\r\n"), ("\t", "\r"), ("|", "\n")])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_any_encoding_delimiter_and_line_end_reads_the_same(
    tmp_path: Path, delimiter: str, encoding: str, line_end: str
) -> None:
    rows = [
        HEADER.split(","),
        ["1", "2026-05-01 10:00:00", "jo@example.com", "T-1", '"Tee ""Größe"" £5"', "2", "2.50"],
        ["1", "2026-05-01 10:00:00", "jo@example.com", "T-2", "Öl", "1", "4"],
    ]
    text = line_end.join(delimiter.join(row) for row in rows) + line_end
    summary, payloads, rejects = read(written(tmp_path, text, encoding))
    assert rejects == []
    assert (summary.lines, summary.revenue_minor) == (2, 900)
    assert {line.title for line in payloads["1"]["lines"]} == {'Tee "Größe" £5', "Öl"}


def test_a_pound_sign_in_the_last_of_many_lines_still_decides_the_encoding(tmp_path: Path) -> None:
    plain = "".join(f"{n},2026-05-01,a@b.co,S,Mug,1,2\n" for n in range(100_000))
    path = written(tmp_path, f"{HEADER}\n{plain}100000,2026-05-01,a@b.co,S,Mug £5,1,2\n", "cp1252")
    assert inspect(path).encoding == "cp1252"
    _, payloads, rejects = read(path)
    assert rejects == []
    assert payloads["100000"]["lines"][0].title == "Mug £5"


def test_compression_is_recognised_by_content_not_by_name(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(gzip.compress(f"{HEADER}\n1,2026-05-01,a@b.co,S,Mug,1,2\n".encode()))
    assert read(path)[0].revenue_minor == 200


def test_cells_over_several_lines_keep_their_text_and_later_lines_their_numbers(tmp_path: Path) -> None:
    text = (
        f'{HEADER}\n1,2026-05-01,a@b.co,S,"Mug\nwith handle\r\nred",1,2\n'
        "\n2,never,a@b.co,S,Mug,1,2\n3,2026-05-02,a@b.co,S,Mug,1,2"
    )
    summary, payloads, rejects = read(written(tmp_path, text))
    assert payloads["1"]["lines"][0].title == "Mug\nwith handle\r\nred"
    assert [(reject.line_number, reject.code, reject.raw_text) for reject in rejects] == [
        (6, "bad_date", "2,never,a@b.co,S,Mug,1,2")
    ]
    assert (summary.lines, summary.accepted, summary.blank_lines) == (3, 2, 1)


def test_a_broken_line_is_rejected_with_number_reason_and_text_and_costs_no_other_line(tmp_path: Path) -> None:
    lines = [
        HEADER,
        "1,2026-05-01,a@b.co,S,Mug,1,2",
        "2,2026-05-01,a@b.co,S,Mug,1",
        ",2026-05-01,a@b.co,S,Mug,1,2",
        "4,31.02.2026,a@b.co,S,Mug,1,2",
        "5,2026-05-01,a@b.co,S,Mug,many,2",
        "6,2026-05-01,a@b.co,S,Mug,1.5,2",
        "7,2026-05-01,a@b.co,S,Mug,1,free",
        '8,2026-05-01,a@b.co,S,"Mug,1,2',
        "9,2026-05-01,a@b.co,,,1,2",
        "10,2026-05-01,a@b.co,S,Mug,1,3",
    ]
    summary, payloads, rejects = read(written(tmp_path, "\n".join(lines) + "\n"))
    assert [(reject.line_number, reject.code) for reject in rejects] == [
        (3, "wrong_column_count"),
        (4, "no_order_ref"),
        (5, "bad_date"),
        (6, "bad_quantity"),
        (7, "bad_quantity"),
        (8, "bad_price"),
        (9, "broken_quotes"),
        (10, "no_product"),
    ]
    assert [reject.raw_text for reject in rejects] == lines[2:10]
    assert rejects[2].reason == "“31.02.2026” is not a date between 1970 and 2199."
    assert rejects[5].reason == "“free” is not a price."
    assert set(payloads) == {"1", "10"}
    assert summary.rejects[0].code == "bad_quantity"
    assert summary.rejects[0].examples == (
        "Line 6: “many” is not a whole number of pieces.",
        "Line 7: “1.5” is not a whole number of pieces.",
    )


def test_a_quote_that_is_never_closed_costs_one_line(tmp_path: Path) -> None:
    rows = "".join(f"{n},2026-05-01,a@b.co,S,Mug,1,2\n" for n in range(20_000))
    path = written(tmp_path, f'{HEADER}\n{rows}x,2026-05-01,a@b.co,S,"Mug,1,2\n{rows.replace("@", "+@")}')
    summary, _, rejects = read(path)
    assert [(reject.line_number, reject.code) for reject in rejects] == [(20_002, "broken_quotes")]
    assert summary.accepted == 40_000


def test_bytes_that_are_no_text_reject_their_line_and_a_replacement_character_of_the_file_does_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "orders.csv"
    good = "1,2026-05-01,a@b.co,S,Größe ÄÖÜ äöü \ufffd,1,2\n".encode()
    path.write_bytes(
        f"{HEADER}\n".encode() + good + b"2,2026-05-01,a@b.co,S,M\xffg,1,2\n3,2026-05-01,a@b.co,S,M\0g,1,2\n"
    )
    _, payloads, rejects = read(path)
    assert payloads["1"]["lines"][0].title == "Größe ÄÖÜ äöü \ufffd"
    assert [(reject.line_number, reject.code, reject.raw_text) for reject in rejects] == [
        (3, "bad_encoding", "2,2026-05-01,a@b.co,S,M\ufffdg,1,2"),
        (4, "bad_encoding", "3,2026-05-01,a@b.co,S,M\ufffdg,1,2"),
    ]


def test_an_endless_reject_is_cut_at_32_kilobytes(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER}\n1,never,a@b.co,S,{'ü' * 60_000},1,2\n")
    (reject,) = read(path)[2]
    # The letter that would straddle the limit is left out.
    assert len(reject.raw_text.encode()) == 32_767
    assert reject.raw_text.startswith("1,never")


def test_a_header_that_says_nothing_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = written(tmp_path, "alpha,beta\n1,2\n")
    assert inspect(path).missing_fields == (
        "order_ref",
        "placed_at",
        "unit_price, line_total or total",
        "customer_ref, email, phone or loyalty_ref",
    )
    with pytest.raises(ColumnsNotUnderstood) as caught:
        read(path)
    assert "orders.csv, line 1: no column found for order_ref or placed_at" in caught.value.message
    assert "alpha, beta" in caught.value.message
    assert "--map" in caught.value.hint
    assert "accepts_email" in caught.value.hint


def test_a_mapping_names_the_columns_and_options(tmp_path: Path) -> None:
    path = written(tmp_path, "alpha;beta;gamma;delta;eps\n1;03/04/2026;17;1.234,50;versandt\n")
    mapping = parse_mapping(
        "order_ref=alpha, placed_at=beta,customer_ref=gamma,total=delta,status=eps,"
        "date_order=month_first,decimal=comma,status.versandt=paid"
    )
    summary, payloads, _ = read(path, mapping=mapping, time_zone="UTC")
    assert summary.revenue_minor == 123_450
    assert payloads["1"]["placed_at"] == "2026-03-04T00:00:00Z"
    assert payloads["1"]["lines"] == []
    assert payloads["1"]["customer"]["customer_ref"] == "17"


@pytest.mark.parametrize(
    "text", ["order_ref", "nonsense=alpha", "order_ref=omega", "date_order=maybe", "encoding=klingon"]
)
def test_a_wrong_mapping_says_so(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, "alpha,beta\n1,2\n")
    with pytest.raises(BadMapping):
        inspect(path, mapping=parse_mapping(text))


def test_dates_that_can_be_read_two_ways_are_asked_about(tmp_path: Path) -> None:
    header = "order_id,date,email,total\n"
    path = written(tmp_path, f"{header}1,03/04/2026,a@b.co,5\n2,05/06/2026,a@b.co,5\n")
    with pytest.raises(DatesNotUnderstood, match="date_order"):
        read(path)
    decided = written(tmp_path, f"{header}1,03/04/2026,a@b.co,5\n2,25/06/2026,a@b.co,5\n")
    assert read(decided, time_zone="UTC")[1]["1"]["placed_at"] == "2026-04-03T00:00:00Z"


def test_no_file_and_no_text_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        inspect(tmp_path / "nothing.csv")
    with pytest.raises(FileEmpty):
        inspect(written(tmp_path, " \n\n"))


def test_a_header_without_lines_is_an_import_of_nothing(tmp_path: Path) -> None:
    summary, payloads, _ = read(written(tmp_path, f"{HEADER}\n"))
    assert (summary.lines, summary.orders, summary.revenue_minor, payloads) == (0, 0, 0, {})


def test_unmapped_columns_are_listed_and_kept(tmp_path: Path) -> None:
    text = (
        f"{HEADER},channel,product_color,mood\n"
        "1,2026-05-01,a@b.co,S,Mug,1,2,web,red,\n1,2026-05-01,a@b.co,T,Cup,1,3,,blue,\n"
        "2,2026-05-01,a@b.co,S,Mug,1,2,web,,\n2,2026-05-01,a@b.co,S,Mug,1,2,till,,\n"
    )
    summary, payloads, _ = read(written(tmp_path, text))
    assert summary.unmapped_columns == ("channel", "product_color", "mood")
    assert payloads["1"]["properties"] == {"channel": "web"}
    assert [line.properties for line in payloads["1"]["lines"]] == [
        {"product_color": "red"},
        {"product_color": "blue"},
    ]
    assert payloads["2"]["properties"] == {"channel": ["till", "web"]}
    assert summary.exact_duplicates == 0


def test_money_is_rounded_half_to_even_per_line_in_the_orders_currency(tmp_path: Path) -> None:
    text = (
        "order_id,date,email,sku,quantity,price,currency\n"
        "1,2026-05-01,a@b.co,A,1,0.125,EUR\n1,2026-05-01,a@b.co,B,1,0.135,EUR\n1,2026-05-01,a@b.co,C,-1,0.125,EUR\n"
        "1,2026-05-01,a@b.co,D,3,0.001,EUR\n2,2026-05-01,a@b.co,A,1,2.5,JPY\n2,2026-05-01,a@b.co,B,1,3.5,\n"
        "3,2026-05-01,a@b.co,A,1,1.0005,KWD\n4,2026-05-01,a@b.co,A,1,1,???\n5,2026-05-01,a@b.co,A,1,1,EUR\n"
        "5,2026-05-01,a@b.co,A,1,1,USD\n6,2026-05-01,a@b.co,A,3,12345678901.11,EUR\n"
    )
    summary, payloads, rejects = read(written(tmp_path, text))
    totals = {ref: [line.total_minor for line in payload["lines"]] for ref, payload in payloads.items()}
    assert totals == {"1": [12, 14, -12, 0], "2": [2, 4], "3": [1000], "6": [3_703_703_670_333]}
    assert [(reject.line_number, reject.code) for reject in rejects] == [
        (9, "bad_currency"),
        (10, "mixed_currency"),
        (11, "mixed_currency"),
    ]
    assert summary.revenue_minor == 14 + 3_703_703_670_333
    assert summary.other_revenue_minor == {"JPY": 6, "KWD": 1000}


def test_an_amount_without_unit_price_keeps_its_total(tmp_path: Path) -> None:
    text = (
        "order_id,date,email,sku,quantity,line_total\n1,2026-05-01,a@b.co,A,3,10.00\n1,2026-05-01,a@b.co,B,-2,-0.05\n"
    )
    lines = read(written(tmp_path, text))[1]["1"]["lines"]
    assert [(line.unit_price, line.total_minor) for line in lines] == [("3.333333", 1000), ("0.025", -5)]


def test_local_times_that_happen_twice_or_never_are_flagged(tmp_path: Path) -> None:
    text = (
        "order_id,date,email,total\n1,2026-10-25 02:30:00,a@b.co,1\n2,2026-03-29 02:30:00,a@b.co,1\n"
        "3,2026-10-25 02:30:00 +0100,a@b.co,1\n4,2026-10-25 03:30,a@b.co,1\n"
    )
    summary, payloads, _ = read(written(tmp_path, text))
    assert {ref: (payload["placed_at"], payload["time_flag"]) for ref, payload in payloads.items()} == {
        "1": ("2026-10-25T00:30:00Z", "ambiguous"),
        "2": ("2026-03-29T01:30:00Z", "nonexistent"),
        "3": ("2026-10-25T01:30:00Z", None),
        "4": ("2026-10-25T02:30:00Z", None),
    }
    assert (summary.ambiguous_times, summary.nonexistent_times) == (1, 1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moments=st.lists(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2199, 12, 30)), min_size=1),
    form=st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"]),
    name=st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"]),
)
def test_dates_read_all_at_once_are_those_read_one_by_one(
    tmp_path: Path, moments: list[datetime], form: str, name: str
) -> None:
    written_as = [moment.strftime(form) for moment in moments]
    text = "order_id,date,email,total\n" + "".join(f"{n},{at},a@b.co,1\n" for n, at in enumerate(written_as))
    payloads = read(written(tmp_path, text), time_zone=name)[1]
    for number, at in enumerate(written_as):
        instant = to_utc(datetime.fromisoformat(at), ZoneInfo(name))
        payload = payloads[str(number)]
        assert (payload["placed_at"], payload["time_flag"]) == (f"{instant.at:%Y-%m-%dT%H:%M:%SZ}", instant.flag)


def test_thousands_of_orders_come_out_oldest_first_each_once_whatever_their_place_in_the_file(tmp_path: Path) -> None:
    orders = 5000  # more than the first two buckets hold
    days = [datetime(2010, 1, 1) + timedelta(days=37 * number % orders) for number in range(orders)]
    text = "order_id,date,email,sku,quantity,unit_price\n" + "".join(
        f"{number},{day:%Y-%m-%d},a@b.co,A,1,2\n{number},{day:%Y-%m-%d},a@b.co,B,{'x' if number % 1000 == 7 else 1},3\n"
        for number, day in enumerate(days)
    )
    path = written(tmp_path, text + ",2026-01-01,a@b.co,A,1,2\n")
    with read_file(
        path, currency="EUR", time_zone="Europe/Berlin", observed_at=OBSERVED_AT, work_dir=path.parent
    ) as file:
        assert isinstance(file, OrderFile)
        versions = [version for batch in file.versions(300) for version in batch]
        again = [version for batch in file.versions(700) for version in batch]
        rejects = [(one.line_number, one.code) for batch in file.rejects() for one in batch]
        assert file.lines == file.summary.lines == 2 * orders + 1
        assert file.summary.incomplete_orders == orders // 1000
    assert versions == again
    assert {version.order_ref for version in versions} == {str(number) for number in range(orders)}
    assert [version.occurred_at for version in versions] == sorted(version.occurred_at for version in versions)
    assert rejects == [
        *((2 * number + 3, "bad_quantity") for number in range(7, orders, 1000)),
        (2 * orders + 2, "no_order_ref"),
    ]


LINES = [
    "1,2026-05-01 10:00,a@b.co,S,Mug,1,2.50,web",
    "1,2026-05-01 10:05,a@b.co,S,Mug,1,2.50,till",
    "1,2026-05-01 10:05,,T,Cup,2,0.125,",
    "1,2026-05-01 10:05,z@b.co,T,Cup,2,0.125,web",
    "2,2026-05-02 10:05,z@b.co,T,Cup,2,0.125,web",
]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(LINES))
def test_neither_the_order_of_lines_nor_the_file_name_changes_a_message_id(tmp_path: Path, order: list[str]) -> None:
    header = f"{HEADER},channel\n"
    first = read(written(tmp_path, header + "\n".join(LINES) + "\n"))[1]
    other = read(written(tmp_path, header + "\n".join(order) + "\n", name="another.csv"))[1]
    assert first == other


def test_a_changed_order_changes_only_its_own_message_id(tmp_path: Path) -> None:
    text = f"{HEADER}\n1,2026-05-01,a@b.co,S,Mug,1,2\n2,2026-05-01,a@b.co,S,Mug,1,2\n"
    before = read(written(tmp_path, text))[1]
    after = read(written(tmp_path, text + "2,2026-05-01,a@b.co,S,Mug,1,2\n"))[1]
    assert before["1"]["message_id"] == after["1"]["message_id"]
    assert before["2"]["message_id"] != after["2"]["message_id"]
