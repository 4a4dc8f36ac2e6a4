"""The simulated shop's two doors to the product: orders go in as facts, delivered mails come out to its customers.

Imported only once Django is set up.
"""

from collections.abc import Sequence
from datetime import datetime

from kembali.collect import api as collect
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop
from kembali.twin import api as twin


def append_orders(facts: Sequence[twin.OrderFact], *, at: datetime) -> None:
    """Append what the simulated shop reports, as a connected shop would."""
    collect.append_facts(
        [
            collect.NewFact(
                source="shop",
                message_id=fact.message_id,
                kind=fact.kind,
                occurred_at=fact.occurred_at,
                identifiers=fact.identifiers,
                payload=fact.payload,
            )
            for fact in facts
        ],
        at=at,
    )


class LetterBox:
    """The shoppers' letter box: what the facts log says was delivered, by the shop's own customer number."""

    def __init__(self) -> None:
        self._mails: list[tuple[int, datetime]] = []
        self._consumer = collect.Consumer("simulation.letter_box", frozenset({"message.delivered"}), self._take)

    def _take(self, facts: Sequence[collect.Fact], _at: datetime) -> None:
        self._mails += [(int(fact.identifiers["customer_id"]), fact.occurred_at) for fact in facts]

    def empty(self, at: datetime) -> None:
        """Read on in the log."""
        while collect.run_consumer(self._consumer, at=at):
            pass

    def delivered(self, since: datetime) -> list[tuple[str, datetime]]:
        """Mails delivered at or after an instant."""
        recent = [(customer, at) for customer, at in self._mails if at >= since]
        refs = refs_of(sorted({customer for customer, _ in recent}))
        return [(refs[customer], at) for customer, at in recent]


def refs_of(customer_ids: Sequence[int]) -> dict[int, str]:
    """Return the simulated shop's own number of each customer."""
    found = {}
    for customer in customer_ids:
        subjects = shop.subjects_of(CustomerId(customer))
        found[customer] = next(s.partition(":")[2] for s in subjects if s.startswith("customer_ref:"))
    return found
