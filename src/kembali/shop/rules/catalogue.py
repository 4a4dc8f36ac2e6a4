"""Which lines sell the same product."""


def sku_key(sku: str | None, title: str | None) -> str:
    """Return what makes two lines the same product: the SKU with its case folded, else the title; empty for neither."""
    if sku and (key := sku.strip().casefold()):
        return key
    return (title or "").strip().casefold()
