"""What statuses of orders mean: WooCommerce's own, and those that plugins add, by the shop's settings."""

from collections.abc import Mapping
from types import MappingProxyType

from kembali.collect.connectors.errors import BadConnection
from kembali.collect.payloads import OrderStatus

DRAFTS = frozenset({"checkout-draft", "auto-draft", "draft", "new"})

# On hold: ordered, and the money is on its way (bank transfer, cheque). Failed: the payment was refused.
OWN: Mapping[str, OrderStatus] = MappingProxyType(
    {
        "pending": "pending",
        "on-hold": "pending",
        "processing": "paid",
        "completed": "paid",
        "cancelled": "cancelled",
        "failed": "cancelled",
        "refunded": "refunded",
        "trash": "deleted",
    }
)
_MEANINGS: tuple[OrderStatus, ...] = ("paid", "pending", "cancelled", "refunded")


def meanings_of(text: str) -> dict[str, OrderStatus]:
    """Return what a shop says its own statuses mean: `shipped=paid, in-production=paid`.

    Raises:
        BadConnection: a part cannot be understood.
    """
    meanings: dict[str, OrderStatus] = {}
    for part in text.replace("\n", ",").split(","):
        if not part.strip():
            continue
        status, _, meaning = (side.strip().lower() for side in part.partition("="))
        found = next((one for one in _MEANINGS if one == meaning), None)
        if found is None or not status:
            raise BadConnection(
                f"“{part.strip()}” does not say what a status means.",
                hint=f"Write such as shipped=paid; the meanings are {', '.join(_MEANINGS)}.",
            )
        meanings[status.removeprefix("wc-")] = found
    return meanings


def status_of(status: str, *, is_paid: bool, meanings: Mapping[str, OrderStatus]) -> tuple[OrderStatus, bool]:
    """Return what a status means, and whether that is known.

    Of a status that nobody has explained only this is clear: a shop has the money once there is a date of payment.
    """
    name = status.strip().lower().removeprefix("wc-")
    known = meanings.get(name) or OWN.get(name)
    if known is not None:
        return known, True
    return ("paid" if is_paid else "pending"), False
