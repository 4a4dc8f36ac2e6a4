"""Importing files of every kind: once, to the end, mended where they were wrong; and nothing starts from them."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kembali.collect import api as collect
from kembali.collect.files.contracts import FileFact, Known
from kembali.collect.files.errors import TableBroken
from kembali.collect.imports import versions
from kembali.collect.models import Fact, FileImport, RejectedLine
from kembali.config import wiring
from kembali.shop import api as shop
from kembali.shop.models import Order
from tests.makers.spreadsheets import write_xlsx

AT = datetime(2026, 11, 1, tzinfo=UTC)
LATER = AT + timedelta(days=1)
pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = "customer_id,email,first_name,accepts_email,accepts_sms,tier\n"
ROWS = (
    "1,ann@example.com,Ann,yes,no,gold\n",
    "2,bob@example.com,Bob,no,,\n",
    "2,bob@example.com,Bob,no,,\n",
    "3,nonsense,Cat,yes,,\n",
    "4,dan@example.com,=HYPERLINK(1),maybe,,-5\n",
)


@pytest.fixture(autouse=True)
def _shop() -> None:
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")


def write(folder: Path, text: str, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def bring_in(path: Path, *, at: datetime = AT) -> collect.ImportResult:
    result = collect.import_file(path, currency="GBP", time_zone="Europe/London", at=at)
    assert result.lines == result.accepted + result.rejected + result.merged
    wiring.fold(at)
    return result


def test_a_plan_adds_up_and_the_import_does_what_it_says(tmp_path: Path) -> None:
    path = write(tmp_path, PEOPLE + "".join(ROWS))
    plan = collect.plan_import(path, currency="GBP", time_zone="Europe/London", at=AT)
    assert (plan.lines, plan.accepted, plan.rejected, plan.merged) == (5, 3, 2, 0)
    assert dict(plan.summary.facts) == {"customer.profile": 2, "consent.stated": 1}
    assert dict(plan.summary.consents) == {
        "email given imported": 1,
        "email not_given imported": 1,
        "sms not_given imported": 1,
    }
    assert (Fact.objects.count(), FileImport.objects.count()) == (0, 0)
    result = bring_in(path)
    assert (result.kind, result.lines, result.accepted, result.rejected) == ("customers", 5, 3, 2)
    assert (result.facts, result.consents) == (plan.summary.facts, plan.summary.consents)
    assert (result.exact_duplicates, result.customers, result.unmapped_columns) == (1, 2, ("tier",))
    kinds = Fact.objects.filter(source="generic").values_list("kind", flat=True)
    assert sorted(kinds) == ["consent.stated", "customer.profile", "customer.profile"]


def test_the_same_people_twice_change_nothing_and_one_new_word_is_one_new_fact(tmp_path: Path) -> None:
    bring_in(write(tmp_path, PEOPLE + "".join(ROWS)))
    before, facts = shop.state_hash(), Fact.objects.count()
    again = bring_in(write(tmp_path, PEOPLE + "".join(ROWS)), at=LATER)
    assert (again.accepted, again.rejected, again.merged) == (0, 2, 3)
    assert (shop.state_hash(), Fact.objects.count()) == (before, facts)
    changed = bring_in(write(tmp_path, PEOPLE + ROWS[0].replace("Ann", "Anne") + ROWS[1]), at=LATER)
    assert (changed.accepted, changed.merged) == (1, 1)


def test_an_import_that_was_killed_is_finished_by_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, PEOPLE + "".join(f"{n},p{n}@example.com,P,yes,no,\n" for n in range(50)))
    monkeypatch.setattr(versions, "PIECE_VERSIONS", 10)

    def die(done: int, total: int) -> None:
        assert total == 50
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect.import_file(path, currency="GBP", time_zone="Europe/London", at=AT, progress=die)
    assert 0 < Fact.objects.count() < 150
    result = bring_in(path, at=LATER)
    assert (result.resumed, result.accepted, result.merged) == (True, 50, 0)
    assert Fact.objects.filter(source="generic").count() == 100


def test_a_batch_never_parts_what_one_row_says() -> None:
    def known(name: str, lines: int) -> Known:
        return FileFact(name, "customer.profile", AT, b"{}", b"x" * versions.PIECE_BYTES, lines)

    pieces = list(versions.cut([[known("a", 1), known("a2", 0), known("b", 1)]]))
    assert [[one.message_id for one in piece] for piece in pieces] == [["a", "a2"], ["b"]]


def downloaded(import_id: int) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(collect.rejected_as_csv(import_id)), newline="")))


def test_rejected_lines_go_out_with_their_reasons_and_without_formulas(tmp_path: Path) -> None:
    result = bring_in(write(tmp_path, PEOPLE + "".join(ROWS)))
    header, cat, dan = downloaded(result.import_id)
    assert header == [
        *PEOPLE.strip().split(","),
        "kembali_import",
        "kembali_line",
        "kembali_reason_code",
        "kembali_reason",
    ]
    assert cat[:2] == ["3", "nonsense"]
    assert cat[6:] == [str(result.import_id), "5", "bad_email", "“nonsense” is not an e-mail address."]
    assert dan[2:6] == ["'=HYPERLINK(1)", "maybe", "", "-5"], "a formula is made harmless, a number stays one"
    with pytest.raises(collect.ImportNotFound):
        collect.rejected_as_csv(10**9)


@pytest.mark.parametrize("how", ["csv", "xlsx"])
def test_mended_lines_come_back_once_and_the_rest_waits_on(tmp_path: Path, how: str) -> None:
    result = bring_in(write(tmp_path, PEOPLE + "".join(ROWS)))
    header, cat, dan = downloaded(result.import_id)
    cat[1] = "cat@example.com"
    rows = [header, cat, dan]
    if how == "csv":
        path = write(tmp_path, "".join(",".join(row) + "\r\n" for row in rows), "mended.csv")
    else:
        path = write_xlsx(tmp_path / "mended.xlsx", rows)
    assert collect.is_mended(collect.inspect_file(path).columns)
    (mended,) = collect.mend_rejected(path, at=LATER)
    assert (mended.import_id, mended.accepted, mended.rejected) == (result.import_id, 1, 1)
    assert collect.mend_rejected(path, at=LATER)[0].accepted == 0
    wiring.fold(LATER)
    assert shop.find_customers([{"email": "cat@example.com"}]) != [None]
    waiting = RejectedLine.objects.get(replayed_at=None)
    assert waiting.raw == "4,dan@example.com,=HYPERLINK(1),maybe,,-5"
    run = FileImport.objects.get(pk=result.import_id)
    assert (run.accepted_count, run.rejected_count, run.line_count) == (4, 1, 5)


def test_a_mended_line_of_an_order_joins_its_order(tmp_path: Path) -> None:
    text = (
        "order_id,created_at,email,sku,quantity,unit_price\n"
        "1,2026-01-05,ann@example.com,MUG,2,10.00\n1,2026-01-05,ann@example.com,TEA,x,5.00\n"
    )
    result = bring_in(write(tmp_path, text))
    rows = downloaded(result.import_id)
    rows[1][4] = "3"
    path = write(tmp_path, "".join(",".join(row) + "\n" for row in rows), "mended.csv")
    collect.mend_rejected(path, at=LATER)
    wiring.fold(LATER)
    assert list(Order.objects.values_list("order_ref", "gross_minor")) == [("1", 3500)]
    versions_of_it = Fact.objects.filter(source="generic", kind="order.version").order_by("seq")
    assert [len(one.payload["lines"]) for one in versions_of_it] == [1, 2]


def test_a_saved_mapping_is_used_by_name_and_by_its_header(tmp_path: Path) -> None:
    path = write(tmp_path, "nr,wer,colour\n1,ann@example.com,red\n")
    columns = collect.inspect_file(path).columns
    mapping = {"as": "customers", "customer_ref": "nr", "email": "wer"}
    collect.save_mapping("our desk", columns=columns, mapping=mapping, at=AT)
    assert collect.find_mapping(columns, given={}) == collect.FoundMapping(mapping, "our desk")
    assert collect.find_mapping(("Colour", "WER", "Nr"), given={}).name == "our desk", "the set of columns counts"
    assert collect.find_mapping(columns, given={"as": "consents"}) == collect.FoundMapping({"as": "consents"})
    named = collect.find_mapping(("nr", "wer"), given={"phone": "tel"}, name="our desk")
    assert named.mapping == {**mapping, "phone": "tel"}
    assert list(collect.list_mappings()) == ["our desk"]
    with pytest.raises(collect.MappingNotFound, match="elsewhere"):
        collect.find_mapping(columns, given={}, name="elsewhere")
    with pytest.raises(collect.BadMapping):
        collect.save_mapping("wrong", columns=columns, mapping={"as": "customers", "email": "nothing"}, at=AT)
    assert list(collect.list_mappings()) == ["our desk"]


OLIST = {
    "o.csv": (
        "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,"
        "order_delivered_customer_date,order_estimated_delivery_date\n"
        "o1,c1,delivered,2018-05-01 10:00:00,,2018-05-02 10:00:00,2018-05-06 10:00:00,2018-05-05 00:00:00\n"
        "o2,c2,canceled,2018-05-02 10:00:00,,,,2018-05-09 00:00:00\n"
    ),
    "i.csv": (
        "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\n"
        "o1,1,P1,s,2018-05-03,10.00,2.50\no1,2,P1,s,2018-05-03,10.00,2.50\nlost,1,P2,s,2018-05-03,7.00,1.00\n"
    ),
    "p.csv": (
        "order_id,payment_sequential,payment_type,payment_installments,payment_value\n"
        "o1,1,voucher,1,5.00\no1,2,credit_card,3,20.00\no2,1,boleto,1,9.00\n"
    ),
    "c.csv": (
        "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state\n"
        "c1,ann,1,rio,RJ\nc2,ann,1,rio,RJ\n"
    ),
    "readme.txt": "nothing,of,interest\n1,2,3\n",
}


def test_a_folder_of_tables_is_joined_and_what_belongs_to_nothing_is_kept(tmp_path: Path) -> None:
    for name, text in OLIST.items():
        write(tmp_path, text, name)
    with collect.opened_folder(tmp_path) as folder:
        assert [path.name for path in folder.files] == ["olist_orders.csv", "olist_shipments.csv"]
        assert {one.table: one.rows for one in folder.tables} == {
            "orders": 2,
            "items": 3,
            "payments": 3,
            "customers": 2,
        }
        assert list(folder.not_understood) == ["readme.txt"]
        orders, shipments = (bring_in(path) for path in folder.files)
    assert (orders.lines, orders.accepted, orders.rejected, dict(orders.reasons)) == (4, 3, 1, {"no_date": 1})
    assert (orders.orders, orders.customers, shipments.accepted) == (2, 1, 2)
    assert not folder.files[0].exists(), "what was made for the import is gone"
    (lost,) = collect.list_rejected_lines()
    assert lost.raw.startswith("lost,")
    totals = {one.payload["order_ref"]: one.payload["totals"] for one in Fact.objects.filter(kind="order.version")}
    assert (totals["o1"]["total_minor"], totals["o1"]["shipping_minor"]) == (2500, 500)
    assert totals["o2"]["total_minor"] == 900


def test_a_table_that_cannot_be_read_stops_the_set_before_anything_is_written(tmp_path: Path) -> None:
    for name, text in OLIST.items():
        write(tmp_path, text.replace("lost,1,P2", 'lost,1,"P2'), name)
    with pytest.raises(TableBroken, match=r"i\.csv, line 4"), collect.opened_folder(tmp_path):
        pass
    assert Fact.objects.count() == 0
