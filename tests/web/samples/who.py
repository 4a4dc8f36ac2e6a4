"""A profile in full and a thin one; segments."""

from kembali.web.pages.parts import Link, Measured, Pager, Tag
from kembali.web.pages.person import (
    CartRow,
    ConsentRow,
    Gate,
    OrderRow,
    Part,
    PersonPage,
    Prediction,
    Receipt,
    Rhythm,
    SegmentSpan,
    TimelineItem,
)
from kembali.web.pages.segments import Move, ReachStep, SegmentPage, SegmentRow, SegmentsPage
from tests.web.samples.common import AT, CURRENCY, NO_PAGER, PEOPLE, ago, d, line

_ORDERED = (301, 279, 252, 230, 204, 183, 158, 131, 109, 86, 62)

PERSON = PersonPage(
    at=AT,
    currency=CURRENCY,
    customer_id=4021,
    name="Marta Wiśniewska",
    stage=Tag("Idle loyal", "away"),
    place="Gdańsk, Poland",
    email="marta@example.com",
    phone="+48 555 010 021",
    first_seen_at=ago(330),
    order_count=14,
    net_minor=61_240,
    aov_minor=4_374,
    rhythm=Rhythm(
        "She orders about every 24 days. The last order is 62 days ago: clearly past her own rhythm.",
        d("24.1"),
        d("58.4"),
        tuple(ago(days) for days in _ORDERED),
        ago(38),
        ago(46),
        ago(27),
        late=True,
    ),
    predictions=(
        Prediction(
            "Orders again within 60 days",
            Measured(d("0.31"), d("0.22"), d("0.41"), "share"),
            "like 612 people with the same rhythm, without a message",
        ),
        Prediction(
            "Orders in the next year", Measured(d("6.2"), d("2.9"), d("9.8"), "count"), "own rhythm, shrunk to the shop"
        ),
        Prediction("Worth over the next year", None, "needs product costs"),
    ),
    timeline=(
        TimelineItem(ago(2), "Mail opened", "“How was your experience?”"),
        TimelineItem(
            ago(3), "Mail sent", "“How was your experience?” · Win back an idle regular, version 3", href="/mailbox/81/"
        ),
        TimelineItem(ago(3.1), "Entered “Idle loyal”", "more than 1.5 × her own rhythm since the last order", "away"),
        TimelineItem(ago(62), "Order #2207 · €41.20", "2 × Harbour Blend 500 g, 1 × Filter papers", "back"),
        TimelineItem(ago(86), "Order #2101 · €38.90", "2 × Harbour Blend 500 g", "back"),
        TimelineItem(ago(90), "Permission given", "e-mail, marketing · at the checkout"),
    ),
    timeline_next_href="?before=2101",
    orders=(
        OrderRow(
            "#2207",
            ago(62),
            "2 × Harbour Blend 500 g, 1 × Filter papers",
            Tag("paid", "back"),
            4_120,
            1_648,
            margin_assumed=True,
        ),
        OrderRow(
            "#2101",
            ago(86),
            "2 × Harbour Blend 500 g",
            Tag("paid", "back"),
            3_890,
            1_556,
            margin_assumed=True,
            parcels=(Tag("delivered", "back"), Tag("sent, late", "away")),
        ),
        OrderRow("C2044", ago(101), "1 × Hand mill", Tag("cancelled", "away"), 0, 0, margin_assumed=False),
    ),
    consents=(
        ConsentRow("E-mail", "marketing", Tag("given", "back"), "at the checkout", ago(90)),
        ConsentRow("SMS", "marketing", Tag("none"), "never asked", None),
    ),
    segments=(
        SegmentSpan("idle_loyal", "Idle loyal", ago(3.1), None),
        SegmentSpan("loyal", "Loyal", ago(230), ago(3.1)),
    ),
    planned=(TimelineItem(ago(-4), "Second mail of “Win back”", "if there is no order until then"),),
    receipts=(
        Receipt(
            ago(3),
            "Win back, first mail",
            Tag("sent", "back"),
            (
                Gate("Permission", "given at the checkout", passed=True),
                Gate("Suppression", "none", passed=True),
                Gate("Cap", "0 of 2 this week", passed=True),
            ),
            "",
            "/mailbox/81/",
        ),
        Receipt(
            ago(40),
            "Monthly letter",
            Tag("not sent", "away"),
            (Gate("Permission", "given at the checkout", passed=True), Gate("Cap", "2 of 2 this week", passed=False)),
            "It would have gone one day later.",
        ),
    ),
    parts=(
        Part(("customer shopify:17850",), ("marta@example.com",), 12, is_shared=False, take_out_href="/people/4021/"),
        Part(("marta@example.com",), ("customer shopify:17850",), 2, is_shared=False, take_out_href="/people/4022/"),
        Part(("browser 3f9a0c2e",), ("marta@example.com",), 0, is_shared=False, take_out_href="/people/4023/"),
    ),
    merge_href="/people/4021/merge/",
    carts=(CartRow("Checkout", ago(4), "2 × Harbour Blend 500 g, 1 × Hand mill", "€61.20"),),
)

PERSON_THIN = PersonPage(
    at=AT,
    currency=CURRENCY,
    customer_id=4530,
    name="customer 17851",
    stage=Tag("New"),
    place="",
    email="",
    phone="",
    first_seen_at=ago(6),
    order_count=1,
    net_minor=2_890,
    aov_minor=2_890,
    rhythm=None,
    predictions=(),
    timeline=(TimelineItem(ago(6), "Order #2391 · €28.90", "1 × Sampler", "back"),),
    timeline_next_href="",
    orders=(OrderRow("#2391", ago(6), "1 × Sampler", Tag("paid", "back"), 2_890, 1_156, margin_assumed=True),),
    consents=(),
    segments=(),
    planned=(),
    receipts=(),
    parts=(Part(("customer 17851",), (), 1, is_shared=False, take_out_href=""),),
)

SEGMENTS = SegmentsPage(
    AT,
    30,
    4_338,
    ago(0.01),
    (
        SegmentRow(
            "new", "New", "First order within the last 30 days.", 342, 342, 318, (290, 301, 297, 322, 318, 335, 342)
        ),
        SegmentRow(
            "loyal",
            "Loyal",
            "Four orders or more, and within their own rhythm.",
            611,
            74,
            61,
            (560, 566, 581, 590, 588, 602, 611),
        ),
        SegmentRow(
            "idle_loyal",
            "Idle loyal",
            "Loyal before, now clearly past their own rhythm.",
            412,
            58,
            41,
            (360, 371, 389, 380, 398, 405, 412),
        ),
        SegmentRow(
            "lost",
            "Lost",
            "So far past their own rhythm that few ever return.",
            2_090,
            39,
            12,
            (1990, 2008, 2021, 2044, 2060, 2077, 2090),
        ),
    ),
)
SEGMENTS_EMPTY = SegmentsPage(AT, 30, 0, None, ())

_RULE = """all:
  - trait: order_count
    at_least: 4
  - instant: idle_from
    reached: true
  - not: {instant: lost_from, reached: true}
"""

SEGMENT = SegmentPage(
    at=AT,
    currency=CURRENCY,
    key="idle_loyal",
    title="Idle loyal",
    sentence="People with four orders or more, clearly past their own rhythm, but not so long that they count as lost.",
    rule_yaml=_RULE,
    member_count=412,
    days=30,
    entered_count=58,
    left_count=41,
    growth=line("size-idle_loyal", "Size over time", "count", start=360, step=4.5, width=0),
    reach=(
        ReachStep("match the rule", 412, 0),
        ReachStep("gave permission for e-mail", 331, 81),
        ReachStep("have an address that works", 326, 5),
        ReachStep("under the cap this week", 319, 7),
    ),
    moves=(
        Move(4021, "Marta Wiśniewska", ago(3.1), entered=True, why="36 days is 1.5 × her rhythm of 24"),
        Move(4055, "Ahmet Yıldız", ago(5), entered=False, why="ordered again"),
    ),
    just_inside=PEOPLE[:2],
    just_outside=(PEOPLE[2], PEOPLE[5]),
    used_by=(Link("Win back an idle regular", "/journeys/winback/"),),
    members=PEOPLE,
    pager=Pager("?before=1", "?after=2", 412),
)

SEGMENT_EMPTY = SegmentPage(
    AT,
    CURRENCY,
    "big_spenders",
    "Big spenders",
    "People whose spending is in the top fifth.",
    _RULE,
    0,
    30,
    0,
    0,
    None,
    (),
    (),
    (),
    (),
    (),
    (),
    NO_PAGER,
)
