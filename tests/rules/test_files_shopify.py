"""Shopify's order export: order fields on the first row only, joined by Name."""

from pathlib import Path

from kembali.collect.files.reading import inspect
from tests.rules.test_files_reading import read

HEADER = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,"
    "Lineitem requires shipping,Billing Name,Billing City,Billing Country,"
    "Shipping City,Shipping Country,Notes,Cancelled at,Refunded Amount,Id,Tags,Lineitem discount,Phone"
)
ROWS = (
    "#1001,Jo@Example.com,partially_refunded,2026-05-01 10:00:05 +0200,fulfilled,,yes,EUR,22.50,4.90,3.10,27.40,MAY,"
    "2.50,"
    'Standard,2026-05-01 10:00:00 +0200,2,Mug red,10.00,,MUG-R,true,Jo van Dijk,Berlin,DE,,,"Please\nring twice",,5.00,'
    "'6001,vip,0.00,'+4930123\n"
    "#1001,,,,,,,,,,,,,,,,1,Tea,5.00,6.00,,true,,,,,,,,,,,2.50,\n"
    "#1002,,voided,,,,no,EUR,9.00,0.00,0.00,9.00,,0.00,,2026-05-02 09:00:00 +0200,1,Cup,9.00,,'007,true,,,,Köln,DE,,"
    "2026-05-03 09:00:00 +0200,0.00,6002,,0.00,\n"
    "#1003,x@example.com,paid,,,,no,EUR,9.00,0.00,0.00,nine,,0.00,,2026-05-02 09:00:00 +0200,1,Cup,9.00,,C,true,,,,,,,,"
    "0.00,6003,,0.00,\n"
    "#1003,,,,,,,,,,,,,,,,1,Tea,5.00,,T,true,,,,,,,,,,,0.00,\n"
)


def shopify(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(f"{HEADER}\n{ROWS}", encoding="utf-8-sig", newline="")
    return path


def test_the_export_is_known_by_its_header(tmp_path: Path) -> None:
    shape = inspect(shopify(tmp_path))
    assert (shape.format, shape.encoding, shape.delimiter, shape.missing_fields) == (
        "shopify_orders",
        "utf-8-sig",
        ",",
        (),
    )
    assert shape.columns[0] == "Name"
    assert "Lineitem discount" in shape.unmapped_columns
    assert len(shape.first_rows) == 5


def test_an_order_takes_its_fields_from_its_first_row_and_its_lines_from_all(tmp_path: Path) -> None:
    summary, payloads, _ = read(shopify(tmp_path), currency="USD")
    order = payloads["#1001"]
    assert order["placed_at"] == "2026-05-01T08:00:00Z"
    assert (order["type"], order["status"], order["currency"]) == ("order", "paid", "EUR")
    assert order["totals"] == {
        "subtotal_minor": 2250,
        "discount_minor": 250,
        "shipping_minor": 490,
        "tax_minor": 310,
        "total_minor": 2740,
        "refunded_minor": 500,
    }
    assert order["customer"] == {
        "customer_ref": None,
        "email": "jo@example.com",
        "phone": "+4930123",
        "first_name": "Jo",
        "last_name": "van Dijk",
        "country": "DE",
        "city": "Berlin",
        "accepts_email": True,
    }
    assert [(line.sku, line.total_minor) for line in order["lines"]] == [("MUG-R", 2000), ("Tea", 500)]
    assert order["lines"][1].properties["Lineitem discount"] == "2.50"
    assert order["properties"]["Notes"] == "Please\nring twice"
    assert order["properties"]["Id"] == "'6001"
    assert summary.other_revenue_minor == {"EUR": 3400}


def test_a_cancelled_guest_order_keeps_its_status_and_city(tmp_path: Path) -> None:
    order = read(shopify(tmp_path))[1]["#1002"]
    assert order["status"] == "cancelled"
    assert order["lines"][0].sku == "007"
    assert (order["customer"]["email"], order["customer"]["city"]) == (None, "Köln")


def test_a_wrong_total_rejects_the_whole_order(tmp_path: Path) -> None:
    _, payloads, rejects = read(shopify(tmp_path))
    assert "#1003" not in payloads
    assert [(reject.line_number, reject.code, reject.reason) for reject in rejects] == [
        (6, "bad_amount", "An amount of this order is not a number: “nine”."),
        (7, "bad_amount", "An amount of this order is not a number: “nine”."),
    ]
