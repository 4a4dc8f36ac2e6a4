"""What wiring has told segments about the world: the attributes a rule may use, and where their rows are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kembali.insight.api import Attribute
from kembali.lake.api import LakeTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The attributes rules may use.

    source: the table with one row per customer, keyed by customer_id. changed_at: its instant column that says when a
        customer's other attributes last changed. purchases: the lake table `Bought` counts (customer_id, placed_at).
    """

    source: LakeTable
    attributes: Mapping[str, Attribute]
    changed_at: str
    purchases: str


_registered: list[Catalogue] = []


def register(*, source: LakeTable, attributes: Sequence[Attribute], changed_at: str, purchases: str) -> None:
    """Make the attributes known to this process; a later call replaces them."""
    named = {attribute.name: attribute for attribute in attributes}
    _registered[:] = [Catalogue(source=source, attributes=named, changed_at=changed_at, purchases=purchases)]


def catalogue() -> Catalogue:
    """Return what was registered."""
    if not _registered:
        raise RuntimeError("config.wiring has not registered the segment attributes")
    return _registered[0]
