"""Settings → Developers: what a developer looks at."""

from datetime import timedelta

from kembali.web.pages.debugger import DebuggerPage, FactPage, FactRow, ParkedRow
from kembali.web.pages.parts import Link, Tag
from kembali.web.pages.people import Choice
from kembali.web.pages.rejected import ParkedTallyRow, ReasonRow, RejectedEventRow, RejectedPage
from kembali.web.pages.site_tracking import SiteKeyRow, SiteTrackingPage
from tests.web.samples.common import AT

_TAG = '<script async src="http://127.0.0.1:8301/kembali.js" data-key="pk_4mDq0Xv7Zr2cWb9LkY1tNsEoUhJ6gPfA8iVxQ3aR5yw"'
SITE_TRACKING = SiteTrackingPage(
    at=AT,
    keys=(
        SiteKeyRow(
            "site",
            f"{_TAG}></script>",
            f'{_TAG} data-consent="required"></script>',
            AT - timedelta(days=12),
            AT - timedelta(seconds=9),
            48_212,
            "/settings/debugger/?source=public%3Asite",
        ),
        SiteKeyRow("outlet", f"{_TAG}></script>", f"{_TAG}></script>", AT, None, 0, "/settings/debugger/"),
    ),
    last_event_at=AT - timedelta(seconds=9),
    edge_url="http://127.0.0.1:8301",
    only_here=True,
    may_change=True,
)
SITE_TRACKING_EMPTY = SiteTrackingPage(AT, (), None, "https://events.shop.example", only_here=False, may_change=True)

_ROWS = (
    FactRow(
        "/settings/rejected/#event-7",
        AT - timedelta(seconds=1),
        "A track call needs the name of its event in “event”.",
        "",
        "tracking.track",
        "public:site",
        "",
        "",
        None,
        (Tag("rejected", "away"),),
    ),
    FactRow(
        "/settings/debugger/facts/90214/",
        AT - timedelta(seconds=2),
        "Product Viewed",
        "/tea/green · as a browser says",
        "tracking.track",
        "public:site",
        "ajs-next-1795283394810-41410d66-6bf2-43bc-8f75-73eea8a102e1",
        "at once",
        None,
        (Tag("time in the future", "away"),),
    ),
    FactRow(
        "/settings/debugger/facts/90213/",
        AT - timedelta(minutes=3),
        "Order #1043 · €61.20",
        "2 × Green Sencha, 1 × Tea tin",
        "order.version",
        "shopify",
        "#1043:9d5e3c0a7b1f4c2d8e6a",
        "4 s later",
        Link("Marta Wiśniewska", "/people/4021/"),
        (),
    ),
    FactRow(
        "/settings/debugger/facts/90100/",
        AT - timedelta(days=2),
        "Permission withdrawn",
        "email · marketing",
        "consent.withdrawn",
        "consent",
        "consent:771",
        "at once",
        Link("Ahmet Yıldız", "/people/4055/"),
        (),
    ),
)

DEBUGGER = DebuggerPage(
    at=AT,
    query="",
    source="",
    kind="",
    sources=(Choice("consent", "consent"), Choice("public:site", "public:site"), Choice("shopify", "shopify")),
    kinds=(Choice("order.version", "order.version"), Choice("tracking.track", "tracking.track")),
    rows=_ROWS,
    is_live=True,
    other_way=Link("Hold still", "?live=0"),
    further_href="?before=90100",
    looked_through=False,
)
DEBUGGER_EMPTY = DebuggerPage(
    at=AT,
    query="",
    source="",
    kind="",
    sources=(),
    kinds=(),
    rows=(),
    is_live=True,
    other_way=Link("Hold still", "?live=0"),
    further_href="",
    looked_through=False,
)
FACT = FactPage(
    at=AT,
    seq=90_213,
    what="Order #1043 · €61.20",
    kind="order.version",
    source="shopify",
    message_id="#1043:9d5e3c0a7b1f4c2d8e6a",
    occurred_at=AT - timedelta(minutes=3, seconds=4),
    received_at=AT - timedelta(minutes=3),
    lag="4 s later",
    identifiers=(("customer_ref", "shopify:207119551"), ("email", "marta@example.com")),
    person=Link("Marta Wiśniewska", "/people/4021/"),
    parked=(ParkedRow("shop.orders", "Refused: Order #1043 has a time without a zone.", AT),),
    payload='{\n  "order_ref": "#1043",\n  "type": "order",\n  "currency": "EUR",\n  "note": "<b>as text</b>"\n}',
    tags=(),
)

REJECTED = RejectedPage(
    at=AT,
    sentence="41 events were not understood and 3 things could not be handled. Nothing of it is lost.",
    days=30,
    source="",
    reason_code="",
    sources=(Choice("public:site", "public:site"),),
    reasons=(
        ReasonRow("public:site", "no event name", "no_event_name", 12_400, 1_000, "?source=public%3Asite"),
        ReasonRow("", "unknown key", "unknown_key", 88, 0, ""),
    ),
    rows=(
        RejectedEventRow(
            7,
            "public:site",
            "tracking.track",
            "A track call needs the name of its event in “event”.",
            AT - timedelta(minutes=12),
            '{"type":"track","event":"","anonymousId":"<script>alert(1)</script>","messageId":"ajs-next-1795283394810"}',
            Tag("waits", "away"),
            may_replay=True,
        ),
        RejectedEventRow(
            6,
            "public:site",
            "tracking.track",
            "It has 40112 bytes; 32768 are allowed.",
            AT - timedelta(days=1),
            '{"type":"track","properties":{"basket":[',
            Tag("cut: too large to read again", "hold"),
            may_replay=False,
        ),
    ),
    parked=(
        ParkedTallyRow("shop.orders", "Refused: Order #1043 has a time without a zone.", 3, 90_213, AT, is_asked=False),
        ParkedTallyRow("consent.accepts_email", "ValidationError: Expected `bool`", 1, 90_001, AT, is_asked=True),
    ),
    line_count=14,
    further_href="?before=6",
    may_change=True,
)
REJECTED_EMPTY = RejectedPage(
    at=AT,
    sentence="Everything that programs sent was understood.",
    days=30,
    source="",
    reason_code="",
    sources=(),
    reasons=(),
    rows=(),
    parked=(),
    line_count=0,
    further_href="",
    may_change=True,
)
