"""Order versions → orders and their lines: the version that wins is the order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kembali.kernel.errors import Refused
from kembali.shop.contracts.settings import ShopSettings
from kembali.shop.services.catalogue import Products
from kembali.shop.services.copying import bigints, copy_rows, instant_field, number_field, text_field
from kembali.shop.services.incoming import Incoming
from kembali.shop.services.locking import Cursor
from kembali.shop.services.settling import MARGIN_MINOR, NET_MINOR


@dataclass(frozen=True, slots=True)
class Changed:
    """What a batch changed: the orders, and whose they are or were, each customer with the earliest instant concerned.

    Instants are microseconds of the epoch.
    """

    order_ids: Sequence[int]
    since_us: Mapping[int, int]


_COLUMNS = (
    "source, order_ref, customer_id, kind, status, said_status, placed_at, currency, gross_minor, discount_minor, "
    "shipping_minor, tax_minor, refunded_minor, version_dated, version_at, version_id"
)
_EXCLUDED = ", ".join(f"excluded.{name}" for name in _COLUMNS.split(", "))
_STAGING = """
CREATE TEMP TABLE IF NOT EXISTS shop_incoming_order (
    source text, order_ref text, customer_id bigint, kind text, status text, said_status text, placed_at timestamptz,
    currency text, gross_minor bigint, discount_minor bigint, shipping_minor bigint, tax_minor bigint,
    refunded_minor bigint, version_dated boolean, version_at timestamptz, version_id text
) ON COMMIT DELETE ROWS
"""
# An order that is there already keeps its id; the older version never overwrites the newer. Net and margin go in as
# for an order of which nothing is given back and no cost is known: most stay so, and settling writes only the others.
_KNOWN = """
SELECT o.id, o.customer_id, (extract(epoch FROM o.placed_at) * 1000000)::bigint,
    (o.version_dated, o.version_at, o.version_id COLLATE "C") < (i.version_dated, i.version_at, i.version_id)
FROM shop_incoming_order i JOIN shop_order o USING (source, order_ref)
"""
_PUT = f"""
INSERT INTO shop_order AS o ({_COLUMNS}, placed_on, net_minor, margin_minor, margin_assumed)
SELECT {_COLUMNS}, (placed_at AT TIME ZONE %(zone)s)::date, left_minor,
    {MARGIN_MINOR.format(net="left_minor", rate="%(margin)s::numeric")}, true
FROM (SELECT o.*, {NET_MINOR.format(given="0")} AS left_minor FROM shop_incoming_order o) o
ORDER BY placed_at, order_ref
{{replace}}
RETURNING id, source, order_ref, customer_id, (extract(epoch FROM placed_at) * 1000000)::bigint
"""  # noqa: S608 - column names of this module
_REPLACE = f"""
ON CONFLICT (source, order_ref) DO UPDATE SET
    ({_COLUMNS}, placed_on, net_minor, margin_minor, margin_assumed) =
        ROW ({_EXCLUDED}, excluded.placed_on, excluded.net_minor, excluded.margin_minor, excluded.margin_assumed),
    changed_xid = pg_current_xact_id()
WHERE (o.version_dated, o.version_at, o.version_id COLLATE "C")
    < (excluded.version_dated, excluded.version_at, excluded.version_id)
"""
_LINES = "COPY shop_order_line (order_id, position, product_id, quantity, unit_price, total_minor) FROM STDIN"
_NULL = "\\N"


def winners(incoming: Iterable[Incoming]) -> list[Incoming]:
    """Return the winning version of each order among those given."""
    best: dict[tuple[str, str], Incoming] = {}
    for version in incoming:
        key = (version.source, version.order.order_ref)
        if key not in best or version.rank > best[key].rank:
            best[key] = version
    return list(best.values())


def put_orders(cursor: Cursor, versions: Sequence[Incoming], shop: ShopSettings, products: Products) -> Changed:
    """Write the orders whose version here is newer than the one known, with their lines; the others stay untouched."""
    if not versions:
        return Changed((), {})
    cursor.execute(_STAGING)
    cursor.execute("DELETE FROM shop_incoming_order")
    copy_rows(cursor, f"COPY shop_incoming_order ({_COLUMNS}) FROM STDIN", map(_order_row, versions))
    cursor.execute(_KNOWN)
    known = cursor.fetchall()
    replaced = [row for row in known if row[3]]
    cursor.execute(
        _PUT.format(replace=_REPLACE if known else ""),  # looking for conflicts has its price
        {"zone": shop.time_zone, "currency": shop.currency, "margin": shop.default_margin_percent / 100},
    )
    put = cursor.fetchall()
    if replaced:
        cursor.execute(
            "DELETE FROM shop_order_line WHERE order_id = ANY(%s::bigint[])", (bigints(row[0] for row in replaced),)
        )
    order_ids = {(source, order_ref): order_id for order_id, source, order_ref, _, _ in put}
    copy_rows(cursor, _LINES, _line_rows(versions, order_ids, products))
    since_us: dict[int, int] = {}
    for customer_id, placed_us in (*(row[3:] for row in put), *(row[1:3] for row in replaced)):
        if customer_id is not None:
            since_us[customer_id] = min(placed_us, since_us.get(customer_id, placed_us))
    return Changed(list(order_ids.values()), since_us)


def _order_row(version: Incoming) -> str:
    order, totals = version.order, version.order.totals
    return "\t".join((
        text_field(version.source),
        text_field(order.order_ref),
        number_field(version.customer_id),
        order.type,
        order.status,
        order.status,
        instant_field(order.placed_at),
        text_field(order.currency),
        str(totals.total_minor),
        number_field(totals.discount_minor),
        number_field(totals.shipping_minor),
        number_field(totals.tax_minor),
        number_field(totals.refunded_minor),
        "t" if order.updated_at else "f",
        instant_field(version.rank[1]),
        text_field(version.message_id),
    ))  # fmt: skip


def _line_rows(
    versions: Iterable[Incoming], order_ids: Mapping[tuple[str, str], int], products: Products
) -> Iterator[str]:
    """Yield the lines of the orders in `order_ids`, those of one order as one string: this is most of an import."""
    checked: set[str] = set()
    for version in versions:
        order, lines = version.order, version.order.lines
        order_id = order_ids.get((version.source, order.order_ref))
        if order_id is None or not lines:
            continue
        prices = {line.unit_price for line in lines}
        if not prices <= checked:
            checked.update(_checked_price(price, order.order_ref) for price in prices)
        head = f"{order_id}\t"
        yield "\n".join([
            f"{head}{position}\t{products[line.sku] or products.of(line, version.source) or _NULL}\t{line.quantity}"
            f"\t{line.unit_price}\t{line.total_minor}"
            for position, line in enumerate(lines, 1)
        ])  # fmt: skip


def _checked_price(text: str, order_ref: str) -> str:
    digits = text.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 24:
        raise Refused(f"Order {order_ref}: “{text}” is not a unit price.")
    return text
