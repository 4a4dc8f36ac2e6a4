"""Facts as lines of a timeline: one line per order, words for what happened, links only to what we know."""

from datetime import UTC, datetime

import msgspec
import pytest

from kembali.collect.api import Fact
from kembali.web.happenings import Names, timeline_items

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
NAMES = Names(segments={"idle_loyal": "Idle loyal"}, flows={"win_back": "Win back"})


def fact(kind: str, seq: int = 1, **payload: object) -> Fact:
    return Fact(
        seq=seq,
        source="test",
        message_id=f"{kind}:{seq}",
        kind=kind,
        identifiers={},
        occurred_at=AT,
        received_at=AT,
        payload=msgspec.Raw(msgspec.json.encode(payload)),
    )


def order(seq: int, total_minor: int, *, kind: str = "order", lines: int = 1) -> Fact:
    items = [["TEA", f"Tea {n}", -2 if kind != "order" else 2, "1.00", n] for n in range(lines)]
    totals = {"total_minor": total_minor}
    return fact("order.version", seq, order_ref="A1", type=kind, currency="EUR", totals=totals, lines=items)


def test_of_several_versions_of_an_order_only_the_newest_is_told() -> None:
    (item,) = timeline_items([order(2, 1200), order(1, 1500)], NAMES)
    assert (item.title, item.detail, item.tone) == ("Order A1 · €12.00", "2 × Tea 0", "back")


@pytest.mark.parametrize(
    ("told", "title", "detail"),
    [
        (fact("tracking.track", event="Cart Viewed", is_trusted=True), "Looked into the cart", ""),
        (
            fact("tracking.track", event="Cart Viewed", context={"page": {"path": "/cart"}}),
            "Looked into the cart",
            "/cart · as a browser says",
        ),
        (fact("tracking.page", name="Home", is_trusted=True), "Looked at a page", "Home"),
        (fact("tracking.identify", is_trusted=True, context={"page": [1]}), "Said who they are", ""),
        (fact("tracking.track", event="x" * 999, context="odd", is_trusted=True), "x" * 300, ""),
    ],
)
def test_what_a_site_reports_bears_its_own_name_and_how_far_it_is_believed(told: Fact, title: str, detail: str) -> None:
    (item,) = timeline_items([told], NAMES)
    assert (item.title, item.detail) == (title, detail)


def test_a_cancellation_says_what_was_taken_back() -> None:
    (item,) = timeline_items([order(1, -1200, kind="cancellation", lines=5)], NAMES)
    assert item.title == "Cancellation A1 · −€12.00"
    assert item.detail == "2 × Tea 4, 2 × Tea 3, 2 × Tea 2, and 2 more"


@pytest.mark.parametrize(
    ("told", "title", "href"),
    [
        (fact("segment.entered", segment="idle_loyal"), "Entered “Idle loyal”", "/segments/idle_loyal/"),
        (fact("segment.left", segment="gone"), "Left “gone”", ""),
        (fact("segment.left", segment="//evil.example"), "Left “//evil.example”", ""),
        (
            fact("journey.enrolled", flow="win_back", arm="holdout"),
            "Entered the journey “Win back”",
            "/journeys/win_back/",
        ),
        (fact("journey.goal_reached", flow="win_back"), "Came back: goal of “Win back” reached", "/journeys/win_back/"),
        (fact("message.withheld", flow="win_back", reason="consent"), "Mail not sent", ""),
        (fact("message.withheld", flow="win_back", would_send=True), "Mail would have been sent", ""),
        (fact("parcel.lost"), "Parcel lost", ""),
    ],
)
def test_what_happened_in_words(told: Fact, title: str, href: str) -> None:
    (item,) = timeline_items([told], NAMES)
    assert (item.title, item.href) == (title, href)


def test_an_answer_is_quoted() -> None:
    (item,) = timeline_items([fact("survey.answered", answer="bad", words="<b>late</b>")], NAMES)
    assert item.detail == "bad · <b>late</b>"


def test_an_odd_fact_does_not_hide_the_others() -> None:
    odd = [
        fact("order.version", 3, order_ref=7, totals=None, lines="many"),
        fact("segment.entered", 2, segment=["x"]),
        msgspec.structs.replace(fact("parcel.lost"), payload=msgspec.Raw(b"[1]")),
    ]
    titles = [item.title for item in timeline_items([*odd, order(1, 100)], NAMES)]
    assert titles[0] == "An order that cannot be read"
    assert titles[2:] == ["Parcel lost", "Order A1 · €1.00"]


def tracked(event: str, *, is_trusted: bool = True, **said: object) -> Fact:
    return fact("tracking.track", event=event, is_trusted=is_trusted, properties=said)


@pytest.mark.parametrize(
    ("told", "title"),
    [
        (tracked("Viewed Product", name="Mug", price=12.5, currency="eur"), "Looked at Mug · €12.50"),
        (tracked("Product Added", name="Mug", price="12.5", quantity=2), "Put Mug into the cart · 2 × £12.50"),
        (tracked("Product Removed", sku="MUG"), "Took MUG out of the cart"),
        (tracked("Products Searched", query="<b>tea</b>"), "Searched for “<b>tea</b>”"),
        (tracked("Checkout Started", value=30, order_id="9"), "Went to the checkout · £30.00"),
        (tracked("Coupon Denied", coupon="HELLO"), "The code “HELLO” was refused"),
        (tracked("Order Completed", is_trusted=False, order_id="1", total=30), "The site told of order 1 · £30.00"),
        (tracked("Order Completed"), "A server told of order (no number)"),
        (tracked("Product Viewed", name=["odd"], price="a lot", currency=7), "Looked at a product"),
    ],
)
def test_what_was_done_in_the_shops_pages_in_words_and_amounts(told: Fact, title: str) -> None:
    (item,) = timeline_items([told], msgspec.structs.replace(NAMES, currency="GBP"))
    assert item.title == title


def test_carts_parcels_and_notes_about_orders_in_words() -> None:
    lines = [["MUG", "Mug", 2, "5", 1000]]
    told = [
        fact("checkout.version", 4, cart_ref="c", status="open", currency="EUR", total_minor=1000, lines=lines),
        fact("cart.version", 3, cart_ref="k", status="deleted", currency="EUR"),
        fact("shipment.version", 2, order_ref="A1", status="delivered", carrier="Post", tracking_number="RP1"),
        fact("order.refunded", 1, order_ref="A1", amount_minor=500, currency="EUR"),
        fact("order.deleted", 1, order_ref="A2"),
        fact("checkout.version", 1, cart_ref=7),
    ]
    assert [(item.title, item.detail) for item in timeline_items(told, NAMES)] == [
        ("Checkout begun · €10.00", "2 × Mug"),
        ("Emptied the cart", ""),
        ("Parcel of order A1 delivered", "Post · RP1"),
        ("Money given back for order A1 · €5.00", ""),
        ("Order A2 was deleted in the shop", ""),
        ("A cart that cannot be read", ""),
    ]


def test_of_several_versions_of_a_cart_only_the_newest_is_told() -> None:
    versions = [
        fact("cart.version", number, cart_ref="c", status="open", currency="EUR", total_minor=number * 100)
        for number in (3, 2, 1)
    ]
    assert [item.title for item in timeline_items(versions, NAMES)] == ["Put things into the cart · €3.00"]


def test_what_the_site_tells_of_an_order_is_the_same_purchase_and_not_another() -> None:
    told = tracked("Order Completed", is_trusted=False, order_id="#A1", total=12)
    assert [item.title for item in timeline_items([told, order(1, 1200)], NAMES)] == ["Order A1 · €12.00"]
    (apart,) = timeline_items([told], msgspec.structs.replace(NAMES, orders=frozenset({"A1"})))
    assert apart.detail == "the same purchase, counted once · as a browser says"
