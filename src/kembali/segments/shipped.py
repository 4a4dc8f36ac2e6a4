"""The segments every shop starts with."""

from dataclasses import dataclass

from kembali.kernel.ids import SegmentKey
from kembali.segments.ast import AllOf, Compare, Not, Passed, Rule

LOYAL_ORDERS = 3
NEW_DAYS = 30


@dataclass(frozen=True, slots=True)
class ShippedSegment:
    """A segment with the question it answers."""

    key: SegmentKey
    name: str
    question: str
    rule: Rule


_IDLE = Passed(attribute="idle_from")
_NOT_LOST = Not(that=Passed(attribute="lost_from"))
_LOYAL = Compare(attribute="order_count", op=">=", value=LOYAL_ORDERS)

SHIPPED = (
    ShippedSegment(
        SegmentKey("new"),
        "New",
        "Who bought for the first time in the last 30 days?",
        Not(that=Passed(attribute="first_order_at", plus_days=NEW_DAYS)),
    ),
    ShippedSegment(SegmentKey("active"), "Active", "Who is still within their own rhythm?", Not(that=_IDLE)),
    ShippedSegment(SegmentKey("loyal"), "Loyal", "Who comes back again and again?", AllOf(of=(_LOYAL, _NOT_LOST))),
    ShippedSegment(
        SegmentKey("at_risk"),
        "At risk",
        "Who came back before and is now silent for longer than is usual for them?",
        AllOf(of=(Compare(attribute="order_count", op=">=", value=2), _IDLE, _NOT_LOST)),
    ),
    ShippedSegment(
        SegmentKey("idle_loyal"),
        "Idle loyal",
        "Which loyal customers went silent, by their own rhythm?",
        AllOf(of=(_LOYAL, _IDLE, _NOT_LOST)),
    ),
    ShippedSegment(SegmentKey("lost"), "Lost", "Whose silence is past all hope?", Passed(attribute="lost_from")),
    ShippedSegment(
        SegmentKey("big_spenders"),
        "Big spenders",
        "Which fifth of customers has spent the most?",
        Compare(attribute="monetary_quintile", op="=", value=5),
    ),
    ShippedSegment(
        SegmentKey("one_time"),
        "One-time buyers",
        "Who has bought once and not again?",
        Compare(attribute="order_count", op="=", value=1),
    ),
)
