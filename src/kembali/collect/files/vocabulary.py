"""Every distinct text of a file is understood once, in Python, and joined back set-based: dates, amounts, words."""

from decimal import Decimal
from itertools import islice
from zoneinfo import ZoneInfo

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
    "quantity": "SELECT DISTINCT quantity FROM raw WHERE quantity <> ''",
    "sku": "SELECT DISTINCT sku FROM raw WHERE trim(sku) <> ''",
    "currency": "SELECT DISTINCT currency FROM raw WHERE currency <> ''",
    "status": "SELECT DISTINCT status FROM raw WHERE status <> ''",
    "kind": "SELECT DISTINCT kind FROM raw WHERE kind <> ''",
}
# Local times as most systems write them, on days without a change of clocks: one look per day, not one per text.
_PLAIN = r"regexp_full_match(text, '\d{4}-\d\d-\d\d[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?')"
_PLAIN_DAYS = f"SELECT DISTINCT left(text, 10) FROM moment_text WHERE {_PLAIN}"  # noqa: S608 - constants of this module
_PLAIN_MOMENTS = f"""
INSERT INTO moment SELECT text, text::TIMESTAMP - to_seconds(offset_s), NULL
FROM moment_text JOIN plain_day ON day = left(text, 10) WHERE offset_s IS NOT NULL AND {_PLAIN}
"""  # noqa: S608 - constants of this module
_OTHER_MOMENTS = "SELECT text FROM moment_text ANTI JOIN moment USING (text)"
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
    columns = ["placed_at", *(["updated_at"] if "updated_at" in layout.sources else [])]
    said = " UNION ALL ".join(f"SELECT {name} AS text FROM raw" for name in columns)  # noqa: S608 - our field names
    workspace.connection.execute(f"CREATE TABLE moment_text AS SELECT DISTINCT text FROM ({said}) WHERE text <> ''")  # noqa: S608 - our field names
    tz = zone(time_zone)
    days = MomentReader(tz, "day_first")
    offsets = [
        (day, None if (offset := days.offset_of(day)) is None else str(int(offset.total_seconds())))
        for batch in workspace.texts(_PLAIN_DAYS)
        for day in batch
    ]
    workspace.insert_words("plain_day", ("day", "offset_s"), offsets)
    workspace.connection.execute(_PLAIN_MOMENTS)
    _read_moments(workspace, layout, tz)


def _read_moments(workspace: Workspace, layout: Layout, tz: ZoneInfo) -> None:
    """Read the texts that are left, one by one."""
    order = layout.options.get("date_order") or _date_order(workspace, layout)
    reader = MomentReader(tz, "month_first" if order == "month_first" else "day_first")
    for texts in workspace.texts(_OTHER_MOMENTS):
        rows: list[tuple[str | None, ...]] = []
        for text in texts:
            instant = reader.read(text.strip())
            rows.append((text, *((instant.at.isoformat(" ")[:19], instant.flag) if instant else (None, None))))
        workspace.insert_words("moment", ("text", "instant", "flag"), rows)


def _date_order(workspace: Workspace, layout: Layout) -> DateOrder:
    texts = [text.strip() for batch in workspace.texts(_OTHER_MOMENTS) for text in batch]
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
