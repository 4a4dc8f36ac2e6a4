"""People entering segments and buying, and a round of this road's consumers, for tests of flows."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from kembali.collect import api as collect
from kembali.insight import api as insight
from kembali.journeys import api as journeys
from kembali.kernel.ids import CustomerId
from kembali.messages import api as messages
from kembali.segments import api as segments
from kembali.shop import api as shop

AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
"""A Monday morning in winter: London and UTC agree."""
SHORT = """
key: short
name: Short
trigger: {event: segment_entered, segment: idle_loyal}
again_after: 90 days
goal: {ordered_within: 30 days}
holdout: {percent: 20, salt: short}
steps:
  - {key: ask, do: send, template: ask}
  - {key: two_days, do: wait, for: 2 days}
  - {key: again, do: send, template: again}
"""


def open_shop() -> None:
    """Set the shop up and make the templates of flows known."""
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")
    segments.register(
        source=insight.TRAITS, attributes=insight.ATTRIBUTES, changed_at=insight.CHANGED_AT, purchases="purchases"
    )
    segments.install_shipped()
    for playbook in journeys.list_playbooks():
        messages.register_templates(playbook.name, playbook.templates_dir)


def customers(count: int, *, at: datetime = AT) -> list[CustomerId]:
    """Return so many new customers, known by references `c0`, `c1`, …"""
    found = shop.resolve_customers([{"customer_ref": f"c{number}"} for number in range(count)], at=at)
    return [customer_id for customer_id in found if customer_id is not None]


def entered(ids: Iterable[CustomerId], since: datetime, *, segment: str = "idle_loyal") -> list[collect.NewFact]:
    """Facts saying that people entered a segment."""
    return [
        collect.NewFact(
            source="segments",
            message_id=f"segment:{segment}:{customer_id}:{since.isoformat()}",
            kind="segment.entered",
            occurred_at=since,
            payload={"segment": segment, "since": since.isoformat()},
            identifiers={"customer_id": str(customer_id)},
        )
        for customer_id in ids
    ]


def ordered(customer_ref: str, placed_at: datetime, *, ref: str | None = None, **changed: object) -> collect.NewFact:
    """A fact saying that somebody bought for 20.00, unless changed."""
    order_ref = ref or f"{customer_ref}-{placed_at:%Y%m%d%H%M}"
    payload = {
        "order_ref": order_ref,
        "type": "order",
        "placed_at": placed_at.isoformat(),
        "time_flag": None,
        "currency": "GBP",
        "status": "paid",
        "observed_at": placed_at.isoformat(),
        "updated_at": None,
        "totals": {"total_minor": 2000, "refunded_minor": None},
        "customer": {"customer_ref": customer_ref},
        "lines": [["L1", "Lantern", 1, "20.00", 2000]],
        "properties": {},
        **changed,
    }
    return collect.NewFact(
        source="test",
        message_id=f"{order_ref}:{sorted(changed)}",
        kind="order.version",
        occurred_at=placed_at,
        payload=payload,
        identifiers={"customer_ref": customer_ref},
    )


def fold(at: datetime) -> int:
    """Let journeys read everything in the log; return how many facts were handled."""
    total = 0
    while handled := sum(collect.run_consumer(consumer, at=at) for consumer in journeys.CONSUMERS):
        total += handled
    return total


def tell(facts: Iterable[collect.NewFact], *, at: datetime) -> None:
    """Append facts and let journeys read them."""
    collect.append_facts(list(facts), at=at)
    fold(at)


def later(**length: float) -> datetime:
    """Return an instant after `AT`."""
    return AT + timedelta(**length)


def facts_of(customer_id: CustomerId, kind: str) -> list[collect.Fact]:
    """The facts of one kind about a customer, newest first."""
    return [fact for fact in collect.timeline_of([f"customer_id:{customer_id}"]) if fact.kind == kind]
