"""Which lines sell the same product."""

from collections.abc import Mapping

# Characters. There are indexes over both, which take no more than 2,704 bytes.
LONGEST_KEY = 500
LONGEST_TITLE = 500


def sku_key(sku: str | None, title: str | None) -> str:
    """Return what makes two lines the same product: the SKU with its case folded, else the title; empty for neither."""
    if sku and (key := sku.strip().casefold()):
        return key[:LONGEST_KEY]
    return (title or "").strip().casefold()[:LONGEST_KEY]


def variant_key(source: str, variant_ref: str) -> str:
    """Return the key of a product that has no SKU: its platform's own number, which only this platform's lines name."""
    return f"{source}/{variant_ref.strip()}".casefold()[:LONGEST_KEY]


def line_key(source: str, sku: str | None, title: str | None, properties: Mapping[str, object] | None) -> str:
    """Return the key of what a line sells: by SKU, else by the platform's number of the variant, else by title."""
    if (
        not (sku and sku.strip())
        and properties
        and isinstance(ref := properties.get("variant_ref"), str)
        and ref.strip()
    ):
        return variant_key(source, ref)
    return sku_key(sku, title)
