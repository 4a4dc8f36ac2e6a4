"""Home, People, sign-in, errors and the shopper pages."""

from datetime import date

from kembali.web.pages.errors import ErrorPage
from kembali.web.pages.home import FirstRunPage, HomePage, Suggestion, TrustRow
from kembali.web.pages.parts import CohortRow, Link, Measured, Pager, Tag
from kembali.web.pages.people import Choice, PeoplePage
from kembali.web.pages.sign_in import NoLinkPage, SignInPage
from kembali.web.shopper.pages import ExperiencePage, UnsubscribePage
from tests.web.samples.common import AT, CURRENCY, NO_PAGER, PEOPLE, d, line

_SHARES = ("0.31", "0.24", "0.21", "0.19", "0.18", "0.17", "0.17", "0.15")

HOME = HomePage(
    at=AT,
    currency=CURRENCY,
    headline="212 people came back this month who would not have.",
    proven_profit=Measured(d("418000"), d("283000"), d("553000"), "money"),
    proof_days=30,
    proven_why_not="",
    repeat_share=Measured(d("0.273"), d("0.261"), d("0.285"), "share"),
    repeat_days=90,
    repeat_before=d("0.242"),
    returning_minor=7_412_000,
    returning_share=d("0.58"),
    slipping_count=412,
    slipping_yearly_minor=3_890_000,
    repeat_chart=line("repeat-90", "Do people come back sooner?", "share", start=0.224, step=0.004, width=0.014),
    suggestions=(
        Suggestion(
            "412 regulars are past their own rhythm",
            "“How was your experience?” brought back 6 more in 100",
            Link("Review", "/segments/idle_loyal/"),
        ),
        Suggestion(
            "14 lines were not understood", "“price is not a number”, since Tuesday", Link("Mend", "/health/#rejected")
        ),
        Suggestion(
            "Win-back needs 34 more days", "Profit is not sure yet; orders are proven", Link("Look", "/proof/winback/")
        ),
    ),
    cohorts=tuple(
        CohortRow(
            date(2026, 3 + index, 1),
            412 + 31 * index,
            tuple(d(share) + d("0.012") * index for share in _SHARES[: 8 - index]),
        )
        for index in range(7)
    ),
    trust=(
        TrustRow("orders.csv", "imported 3 days ago, 334,054 lines", Tag("✓ complete", "back")),
        TrustRow("Order totals, 30 days", "€148,220 here, €148,220 in the shop", Tag("✓ equal", "back")),
        TrustRow(
            "Rejected lines",
            "14 since Tuesday, “price is not a number”",
            Tag("▲ 14 to mend", "away"),
            "/health/#rejected",
        ),
    ),
)

HOME_EARLY = HomePage(
    at=AT,
    currency=CURRENCY,
    headline="38 people have bought; it is too early to say who comes back.",
    proven_profit=None,
    proof_days=30,
    proven_why_not="No journey has run for 30 days.",
    repeat_share=None,
    repeat_days=90,
    repeat_before=None,
    returning_minor=0,
    returning_share=None,
    slipping_count=0,
    slipping_yearly_minor=0,
    repeat_chart=None,
    suggestions=(),
    cohorts=(),
    trust=(TrustRow("orders.csv", "imported 2 h ago, 61 lines", Tag("✓ complete", "back")),),
)

FIRST_RUN = FirstRunPage(AT)

_SEGMENTS = (
    Choice("active", "Active", 1_204),
    Choice("loyal", "Loyal", 611),
    Choice("idle_loyal", "Idle loyal", 412),
    Choice("lost", "Lost", 2_090),
)
PEOPLE_PAGE = PeoplePage(CURRENCY, 4_338, "", "", _SEGMENTS, PEOPLE, Pager("", "?after=4530", 4_338))
PEOPLE_NONE = PeoplePage(CURRENCY, 4_338, "zzyzx", "loyal", _SEGMENTS, (), NO_PAGER)
PEOPLE_EMPTY = PeoplePage(CURRENCY, 0, "", "", (), (), NO_PAGER)

SIGN_IN = SignInPage("Owner", 14)
EXPIRED = NoLinkPage("expired")
NO_LINK = NoLinkPage("missing")
CONFLICT = ErrorPage(
    409,
    "This has changed in the meantime",
    "Version 4 was published by someone else.",
    "Open the journey again and look at version 4.",
    "version_conflict",
)
UNSUBSCRIBE = UnsubscribePage("Harbour Coffee", "m…@example.com", "offers and news", "ask")
UNSUBSCRIBED = UnsubscribePage("Harbour Coffee", "m…@example.com", "offers and news", "done")
BAD_LINK = UnsubscribePage("Harbour Coffee", "", "", "unknown")
EXPERIENCE = ExperiencePage("Harbour Coffee", "ask", "mixed")
