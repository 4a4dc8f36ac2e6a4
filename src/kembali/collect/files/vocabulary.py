"""Every distinct text of a file is understood once, in Python, and joined back set-based: dates, amounts, words."""

from decimal import Decimal
from itertools import islice

import msgspec

from kembali.collect.files.columns import Layout
from kembali.collect.files.errors import DatesNotUnderstood
from kembali.collect.files.fields import AMOUNT_FIELDS
from kembali.collect.files.moments import DateOrder, MomentReader, date_order
from kembali.collect.files.numerals import (
    SCALE_DIGITS,
    Mark,
    canonical,
    decimal_mark,
    parse_amount,
    parse_quantity,
)
from kembali.collect.files.workspace import Workspace
from kembali.kernel.clock import zone
from kembali.kernel.errors import Refused
from kembali.kernel.money import currency_code, exponent

_TYPES = {
    **dict.fromkeys(("order", "sale", "invoice", "purchase"), "order"),
    **dict.fromkeys(
        ("cancellation", "cancelled", "refund", "return", "credit", "credit_note", "creditnote"), "cancellation"
    ),
    **dict.fromkeys(("adjustment", "correction"), "adjustment"),
}
_SAMPLE = 20_000
_LARGEST_MINOR = 10**9
_DISTINCT = {
    "placed_at": "SELECT DISTINCT placed_at FROM raw WHERE placed_at <> ''",
    "moments": (
        "SELECT DISTINCT placed_at FROM raw WHERE placed_at <> ''"
        " UNION SELECT DISTINCT updated_at FROM raw WHERE updated_at <> ''"
    ),
    "quantity": "SELECT DISTINCT quantity FROM raw WHERE quantity <> ''",
    "sku": "SELECT DISTINCT sku FROM raw WHERE trim(sku) <> ''",
    "currency": "SELECT DISTINCT currency FROM raw WHERE currency <> ''",
    "status": "SELECT DISTINCT status FROM raw WHERE status <> ''",
    "kind": "SELECT DISTINCT kind FROM raw WHERE kind <> ''",
}
_AMOUNTS = {
    "subtotal": "SELECT DISTINCT subtotal FROM raw WHERE subtotal <> ''",
    "discount": "SELECT DISTINCT discount FROM raw WHERE discount <> ''",
    "shipping": "SELECT DISTINCT shipping FROM raw WHERE shipping <> ''",
    "tax": "SELECT DISTINCT tax FROM raw WHERE tax <> ''",
    "total": "SELECT DISTINCT total FROM raw WHERE total <> ''",
    "refunded": "SELECT DISTINCT refunded FROM raw WHERE refunded <> ''",
    "unit_price": "SELECT DISTINCT unit_price FROM raw WHERE unit_price <> ''",
    "line_total": "SELECT DISTINCT line_total FROM raw WHERE line_total <> ''",
}


def divisor_of(currency: str) -> int:
    """Return how many scaled units make one minor unit of the currency."""
    return int(10 ** (SCALE_DIGITS - exponent(currency)))


def understand(workspace: Workspace, layout: Layout, *, time_zone: str, currency: str) -> None:
    """Fill the vocabulary tables with what the texts in `raw` mean.

    Raises:
        DatesNotUnderstood: day and month could be either way round.
        BadTimeZone: not an IANA name.
    """
    _understand_moments(workspace, layout, time_zone)
    _understand_numbers(workspace, layout, currency)
    _understand_products(workspace, layout)
    _understand_words(workspace, layout)


def _understand_moments(workspace: Workspace, layout: Layout, time_zone: str) -> None:
    query = _DISTINCT["moments" if "updated_at" in layout.sources else "placed_at"]
    order = layout.options.get("date_order") or _date_order(workspace, query, layout)
    reader = MomentReader(zone(time_zone), "month_first" if order == "month_first" else "day_first")
    columns = ("text", "instant", "flag")
    for texts in workspace.texts(query):
        rows: list[tuple[str | None, ...]] = []
        for text in texts:
            instant = reader.read(text.strip())
            rows.append((text, *((instant.at.isoformat(" ")[:19], instant.flag) if instant else (None, None))))
        workspace.insert_words("moment", columns, rows)


def _date_order(workspace: Workspace, query: str, layout: Layout) -> DateOrder:
    texts = [text.strip() for batch in workspace.texts(query) for text in batch]
    order = date_order(texts)
    if order is None:
        raise DatesNotUnderstood(
            f"Column “{layout.mapped['placed_at']}”: dates such as “{min(texts)}” can be read two ways.",
            hint="Say which comes first with --map date_order=day_first or --map date_order=month_first.",
        )
    return order


def _understand_numbers(workspace: Workspace, layout: Layout, currency: str) -> None:
    queries = [_AMOUNTS[field] for field in AMOUNT_FIELDS if field in layout.sources]
    mark = _mark(workspace, layout, queries)
    known: set[str] = set()
    columns = ("text", "scaled", "canonical", "minor")
    divisor = divisor_of(currency)
    for query in queries:
        for texts in workspace.texts(query):
            new = set(texts) - known
            known |= new
            rows = [(text, *_amount_words(parse_amount(text, mark), divisor)) for text in new]
            workspace.insert_words("amount", columns, rows)
    if "quantity" in layout.sources:
        for texts in workspace.texts(_DISTINCT["quantity"]):
            quantities = [(text, _plain_number(parse_quantity(text, mark))) for text in texts]
            workspace.insert_words("pieces", ("text", "quantity"), quantities)


def _mark(workspace: Workspace, layout: Layout, queries: list[str]) -> Mark:
    chosen = layout.options.get("decimal")
    if chosen is None:
        texts = (text for query in queries for batch in workspace.texts(query) for text in batch)
        return decimal_mark(islice(texts, _SAMPLE))
    return "comma" if chosen == "comma" else "point"


def _amount_words(amount: Decimal | None, divisor: int) -> tuple[str | None, str | None, str | None]:
    """Return scaled, canonical and whole minor units, as `stage.sql` describes them."""
    if amount is None:
        return None, None, None
    scaled = int(amount.scaleb(SCALE_DIGITS))
    minor, part = divmod(scaled, divisor)
    return str(scaled), canonical(amount), str(minor) if not part and abs(minor) <= _LARGEST_MINOR else None


def _plain_number(number: int | None) -> str | None:
    return None if number is None else str(number)


def _understand_products(workspace: Workspace, layout: Layout) -> None:
    if "sku" not in layout.sources:
        return
    columns = ("text", "json", "properties")
    for texts in workspace.texts(_DISTINCT["sku"]):
        workspace.insert_words("product", columns, [(text, *_product_words(text, layout)) for text in texts])


def _product_words(text: str, layout: Layout) -> tuple[str, str | None]:
    """Return a code as JSON, as the file writes it, and its properties as members of a JSON object."""
    sku = text.strip().removeprefix("'")
    properties: dict[str, object] = {}
    if layout.format.is_service(sku.upper()):
        properties["service"] = True
    if sku != sku.upper():
        properties["sku_key"] = sku.upper()
    members = msgspec.json.encode(properties).decode()[1:-1]
    return msgspec.json.encode(sku).decode(), members or None


def _understand_words(workspace: Workspace, layout: Layout) -> None:
    if "currency" in layout.sources:
        for texts in workspace.texts(_DISTINCT["currency"]):
            rows = [(text, *_currency_words(text)) for text in texts]
            workspace.insert_words("money", ("text", "code", "divisor"), rows)
    for field, table, column, meanings in (
        ("status", "standing", "status", layout.statuses),
        ("kind", "sort", "type", _TYPES),
    ):
        if field in layout.sources:
            for texts in workspace.texts(_DISTINCT[field]):
                words = [(text, meanings.get(text.strip().casefold())) for text in texts]
                workspace.insert_words(table, ("text", column), words)


def _currency_words(text: str) -> tuple[str | None, str | None]:
    try:
        code = currency_code(text)
    except Refused:
        return None, None
    return code, str(divisor_of(code))
