"""What a format is: data about columns and a few habits of the program that wrote the file. No reading here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One known make of file.

    kind: what its rows are, see `kinds`. source: who speaks: whose order numbers these are.
    columns: field → column names that can fill it, best first; compared by letters and digits only, ignoring case.
    signatures: the format is recognised when all columns of any one of these sets are in the header.
    fallbacks: fields that take the next of their columns where the best one is empty in a row.
    composed: fields put together from several columns, all that there are, such as a receipt's number with its till's.
    ref_prefix: what customers' numbers of this platform bear in front of them.
    words: what words of its own mean. usual: the currency and zone such a file is nearly always in.
    line_words: an unmapped column whose name begins with one of these belongs to the line, any other to the order.
    cancellation_prefix, adjustment_prefix: what order numbers of these types begin with.
    free_is_adjustment: an order without customer in which every line is free is a stock correction.
    """

    name: str
    source: str
    kind: str = "orders"
    columns: Mapping[str, tuple[str, ...]]
    signatures: tuple[frozenset[str], ...] = ()
    fallbacks: frozenset[str] = frozenset()
    composed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    line_words: tuple[str, ...] = ()
    ref_prefix: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    usual: tuple[str, str] | None = None
    may_be_anonymous: bool = False
    cancellation_prefix: str | None = None
    adjustment_prefix: str | None = None
    free_is_adjustment: bool = False
    service_skus: frozenset[str] = frozenset()
    service_sku_prefixes: tuple[str, ...] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)

    def recognises(self, columns: Collection[str]) -> bool:
        """Return whether the header is this format's; a format without signatures fits every header."""
        found = {plain(column) for column in columns}
        return not self.signatures or any({plain(name) for name in wanted} <= found for wanted in self.signatures)

    def is_service(self, sku_key: str) -> bool:
        """Return whether an upper-case product code stands for postage, fees or manual entries, not for goods."""
        return sku_key in self.service_skus or sku_key.startswith(self.service_sku_prefixes or ("\0",))


def plain(name: str) -> str:
    """Return a column name as it is compared: letters and digits only, case folded."""
    return "".join(character for character in name.casefold() if character.isalnum())
