"""Files of every kind and every way of writing them: what a row says, and what becomes of one that says nothing."""

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from kembali.collect.files.contracts import DryRun, Known, RejectedLine
from kembali.collect.files.errors import FileDamaged
from kembali.collect.files.reading import inspect, read_file
from tests.makers.spreadsheets import write_xlsx

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def read(
    path: Path, *, mapping: Mapping[str, str] | None = None, currency: str = "EUR", time_zone: str = "UTC"
) -> tuple[DryRun, list[Known], list[RejectedLine]]:
    """Read a whole small file; its account adds up."""
    with read_file(
        path, currency=currency, time_zone=time_zone, mapping=mapping, observed_at=AT, work_dir=path.parent
    ) as file:
        facts = [one for batch in file.facts() for one in batch]
        rejects = [one for batch in file.rejects() for one in batch]
        summary = file.summary
        assert [one for batch in file.facts(7) for one in batch] == facts, "a second reading is the same"
    assert summary.lines == summary.accepted + summary.rejected == file.lines
    assert summary.accepted == sum(one.line_count for one in facts)
    assert summary.rejected == len(rejects)
    assert sum(summary.facts.values()) == len(facts)
    return summary, facts, rejects


def written(tmp_path: Path, text: str, name: str = "export.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def payload(fact: Known) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(fact.payload)
    return found


def identifiers(fact: Known) -> dict[str, str]:
    found: dict[str, str] = msgspec.json.decode(fact.identifiers)
    return found


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("order_id,created_at,email,total", "orders"),
        ("receipt_no,store,date,total", "orders"),
        ("email,first_name,last_name", "customers"),
        ("email,status,consented_at", "consents"),
        ("sku,title,price", "products"),
        ("event,timestamp,user_id", "events"),
        ("order_id,shipped_at,tracking_number", "shipments"),
        ("review_id,product_id,rating,created_at", "reviews"),
        ("Handle,Title,Vendor,Option1 Name,Option1 Value,Variant Price", "products"),
        ("ID,Type,SKU,Name,Published,Regular price,Parent", "products"),
        ("First Name,Last Name,Email,Accepts Email Marketing,Total Spent,Total Orders", "customers"),
        ("Email Address,UNSUB_TIME,LEID,EUID", "consents"),
        ("Order Number,Order Status,Order Date,Order Total Amount,Email (Billing)", "orders"),
    ],
)
def test_the_header_alone_tells_what_the_rows_are(tmp_path: Path, header: str, kind: str) -> None:
    shape = inspect(written(tmp_path, f"{header}\n", name="misleading.txt"))
    assert (shape.kind, shape.missing_fields) == (kind, ())


def test_a_person_can_say_what_the_rows_are(tmp_path: Path) -> None:
    path = written(tmp_path, "who,colour\nann@example.com,red\n")
    assert inspect(path).missing_fields
    summary, facts, _ = read(path, mapping={"as": "customers", "email": "who"})
    assert summary.kind == "customers"
    assert payload(facts[0])["properties"] == {"colour": "red"}


ROWS = [
    ["customer_id", "email", "first_name", "created_at", "points", "vip"],
    ["1", "Ann@Example.com", "Ann", "2025-03-01 10:00:00", "12", "true"],
    ["2", "bob@example.com", "Bob", "2025-03-02 10:00:00", "7.5", "false"],
]


def as_csv(tmp_path: Path) -> Path:
    return written(tmp_path, "".join(",".join(row) + "\n" for row in ROWS))


def as_packed_csv(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv.gz"
    path.write_bytes(gzip.compress(as_csv(tmp_path).read_bytes()))
    return path


def as_json_lines(tmp_path: Path) -> Path:
    objects = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]
    typed = [one | {"points": json.loads(one["points"]), "vip": one["vip"] == "true"} for one in objects]
    return written(tmp_path, "".join(json.dumps(one) + "\n" for one in typed), "customers.jsonl")


def as_parquet(tmp_path: Path) -> Path:
    path = tmp_path / "customers.parquet"
    with duckdb.connect() as connection:
        connection.read_csv(str(as_csv(tmp_path)), all_varchar=True).project(
            "customer_id::BIGINT AS customer_id, email, first_name, created_at::TIMESTAMP AS created_at, "
            "points, vip::BOOLEAN AS vip"
        ).write_parquet(str(path))
    return path


def as_spreadsheet(tmp_path: Path) -> Path:
    rows: list[list[str | float]] = [list(ROWS[0])]
    rows += [[int(row[0]), *row[1:4], float(row[4]), row[5]] for row in ROWS[1:]]
    return write_xlsx(tmp_path / "customers.xlsx", rows)


@pytest.mark.parametrize("write", [as_csv, as_packed_csv, as_json_lines, as_parquet, as_spreadsheet])
def test_however_a_table_is_written_it_says_the_same(tmp_path: Path, write: Any) -> None:
    summary, facts, _ = read(write(tmp_path))
    assert (summary.lines, summary.unmapped_columns) == (2, ("points", "vip"))
    assert [identifiers(fact) for fact in facts] == [
        {"customer_ref": "1", "email": "ann@example.com"},
        {"customer_ref": "2", "email": "bob@example.com"},
    ]
    assert payload(facts[1]) == {
        "customer_ref": "2",
        "email": "bob@example.com",
        "first_name": "Bob",
        "properties": {"points": "7.5", "vip": "false"},
        "from_file": True,
    }
    reference = read(as_csv(tmp_path))[1]
    assert [fact.message_id for fact in facts] == [fact.message_id for fact in reference]


@pytest.mark.parametrize("name", ["customers.parquet", "customers.xlsx", "customers.csv.gz"])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_file_that_ends_too_early_is_refused_in_words(tmp_path: Path, name: str, share: float) -> None:
    make = {"customers.parquet": as_parquet, "customers.xlsx": as_spreadsheet, "customers.csv.gz": as_packed_csv}
    whole = make[name](tmp_path).read_bytes()
    path = tmp_path / f"cut-{name}"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(FileDamaged, match="cut-customers"):
        read(path)


def test_a_line_of_json_that_is_none_costs_only_itself(tmp_path: Path) -> None:
    text = '{"email":"a@b.co","address":{"city":"Rome"}}\n{"email":\n[1]\n{"email":"c@d.co","city":"Oslo","n":1.10}\n'
    summary, facts, rejects = read(written(tmp_path, text, "people.jsonl"))
    assert [(one.line_number, one.code, one.raw_text) for one in rejects] == [
        (2, "bad_json", '{"email":'),
        (3, "bad_json", "[1]"),
    ]
    assert summary.accepted == 2
    assert payload(facts[0])["properties"] == {"address.city": "Rome"}
    assert (payload(facts[1])["city"], payload(facts[1])["properties"]) == ("Oslo", {"n": "1.10"})


def test_equal_rows_say_it_once_and_count_as_lines(tmp_path: Path) -> None:
    row = "2026-05-01 10:00:00,view,7,P1\n"
    summary, facts, _ = read(written(tmp_path, "timestamp,event,user_id,product_id\n" + row * 3))
    assert (summary.lines, summary.exact_duplicates, len(facts), facts[0].line_count) == (3, 2, 1, 3)


def test_events_of_a_file_are_those_of_a_tracking_call_and_a_purchase_makes_no_order(tmp_path: Path) -> None:
    text = (
        "event_time,event_type,product_id,category_code,brand,price,user_id,user_session\n"
        "2026-05-01 10:00:00 UTC,view,P1,shoes.sneaker,acme,19.90,7,s1\n"
        "2026-05-01 10:01:00 UTC,cart,P1,,,19.90,7,s1\n"
        "2026-05-01 10:02:00 UTC,Order Completed,P1,,,19.90,7,s1\n"
        "2026-05-01 10:03:00 UTC,Quiz Taken,,,,,7,s1\n"
    )
    _, facts, _ = read(written(tmp_path, text))
    assert {fact.kind for fact in facts} == {"tracking.track"}
    said = [payload(fact) for fact in facts]
    assert [one["event"] for one in said] == ["Product Viewed", "Product Added", "Product Purchased", "Quiz Taken"]
    assert said[0]["properties"] == {
        "brand": "acme",
        "product_id": "P1",
        "session_id": "s1",
        "category": "shoes/sneaker",
        "price": 19.9,
        "currency": "EUR",
    }
    assert (said[0]["userId"], said[0]["is_trusted"], identifiers(facts[0])) == ("7", True, {"customer_ref": "7"})
    assert b'"price":19.9,' in facts[0].payload, "a decimal number, as it was written"


def test_a_product_is_all_its_rows_and_one_wrong_price_keeps_all_of_them_out(tmp_path: Path) -> None:
    header = "Handle,Title,Vendor,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src,Status,Cost per item\n"
    good = "mug,Mug,Acme,Colour,Red,M-R,9.50,https://example.com/1.jpg,active,4\nmug,,,,Blue,M-B,9.90,,,\nmug,,,,,,,https://example.com/2.jpg,,\n"
    bad = "cup,Cup,Acme,Colour,Red,C-R,cheap,,active,\ncup,,,,Blue,C-B,3,,,\n"
    summary, facts, rejects = read(written(tmp_path, header + good + bad))
    assert [(one.line_number, one.code) for one in rejects] == [(5, "bad_price"), (6, "bad_price")]
    assert (summary.accepted, len(facts), facts[0].line_count) == (3, 1, 3)
    assert payload(facts[0])["variants"] == [
        {"variant_ref": "M-R", "sku": "M-R", "title": "Red", "price_minor": 950, "unit_cost_minor": 400},
        {"variant_ref": "M-B", "sku": "M-B", "title": "Blue", "price_minor": 990},
    ]


def test_tills_sell_to_cards_to_phones_and_to_nobody(tmp_path: Path) -> None:
    text = (
        "receipt_no,store,till,sold_at,loyalty_card,phone,sku,quantity,price\n"
        "1,Soho,2,2026-05-01 10:00,C-9,,TEA,1,4.50\n1,Soho,3,2026-05-01 10:00,,'+44 7700 900123,TEA,2,4.50\n"
        "2,Soho,2,2026-05-01 11:00,,,MUG,1,9.00\n"
    )
    summary, facts, _ = read(written(tmp_path, text), currency="GBP")
    assert (summary.format, summary.orders, summary.revenue_minor) == ("till_sales", 3, 2250)
    assert (summary.customers, summary.lines_without_customer) == (2, 1)
    assert {payload(fact)["order_ref"]: identifiers(fact) for fact in facts} == {
        "Soho/2/1": {"loyalty_ref": "C-9"},
        "Soho/3/1": {"phone": "+44 7700 900123"},
        "Soho/2/2": {},
    }
    assert payload(facts[0])["properties"] == {"store": "Soho", "till": "2"}


def test_a_shipment_and_a_review_keep_their_own_instants(tmp_path: Path) -> None:
    header = "order_id,shipped_at,promised_at,delivered_at,carrier\n"
    text = f"{header}1,2026-05-01,2026-05-04,2026-05-06,DHL\n2,,2026-05-04,,\n"
    summary, (fact,), rejects = read(written(tmp_path, text))
    assert (fact.kind, fact.occurred_at) == ("shipment.version", datetime(2026, 5, 6, tzinfo=UTC))
    assert (payload(fact)["status"], payload(fact)["promised_at"]) == ("delivered", "2026-05-04T00:00:00Z")
    assert [(one.line_number, one.code) for one in rejects] == [(3, "no_date")]
    header = "review_id,order_id,rating,body,created_at\n"
    text = f"{header}r1,1,4,Nice,2026-05-09\nr1,2,4,Nice,2026-05-09\nr2,3,9,,2026-05-09\n"
    summary, facts, rejects = read(written(tmp_path, text))
    assert (summary.facts, [one.code for one in rejects]) == ({"review.left": 2}, ["bad_rating"])
    assert len({fact.message_id for fact in facts}) == 2, "one review of two orders is two facts"


def test_what_is_wrong_with_a_person_is_said(tmp_path: Path) -> None:
    text = "email,status,consented_at\nnobody,subscribed,\n,subscribed,\na@b.co,perhaps,\nc@d.co,subscribed,someday\n"
    _, facts, rejects = read(written(tmp_path, text))
    assert facts == []
    assert [(one.line_number, one.code) for one in rejects] == [
        (2, "bad_email"),
        (3, "nobody"),
        (4, "bad_consent"),
        (5, "bad_date"),
    ]
    assert rejects[0].reason == "“nobody” is not an e-mail address."


def test_an_order_with_a_total_and_no_lines_is_an_order(tmp_path: Path) -> None:
    header = "order_id,created_at,email,total,sku,title,quantity,price\n"
    text = f"{header}1,2026-05-01,a@b.co,5,TEA,Tea,1,5\n2,2026-05-02,a@b.co,7,,,,\n3,2026-05-02,a@b.co,,,,,\n"
    summary, facts, rejects = read(written(tmp_path, text))
    assert (summary.orders, summary.revenue_minor) == (2, 1200)
    assert [payload(fact)["lines"] for fact in facts if payload(fact)["order_ref"] == "2"] == [[]]
    assert [(one.line_number, one.code) for one in rejects] == [(4, "bad_quantity")]
