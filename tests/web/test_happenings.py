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
        (fact("tracking.track", event="Cart Viewed", is_trusted=True), "Cart Viewed", ""),
        (
            fact("tracking.track", event="Cart Viewed", context={"page": {"path": "/cart"}}),
            "Cart Viewed",
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
