"""What the shop gives to the lake: no personal data, customers only as the root of their merges."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kembali.shop.queries.products import FROM_CATALOGUE, STATUS

_PURCHASE = "o.kind = 'order' AND o.status = 'paid' AND o.net_minor > 0 AND o.customer_id IS NOT NULL"
_XID = "::text::bigint AS row_xid"


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeSource:
    """A lake table as the lake wants it declared (the lake lies above this room, so wiring hands this over).

    select: the columns, `is_live` (false: not or no longer a row of the table) and `row_xid` (the transaction that last
    changed it), for what changed in transaction `:since` or later. Rows of one `key` are replaced together.
    """

    name: str
    columns: Mapping[str, Literal["int64", "string", "date", "timestamp"]]
    key: str
    select: str


CUSTOMERS = LakeSource(
    name="customers",
    columns={"customer_id": "int64", "first_seen_at": "timestamp", "country": "string"},
    key="customer_id",
    # A merged customer is no row of its own, nor is one whom only a browser has named; the root's row tells the
    # earliest sight and the latest place of all.
    select=f"""
        SELECT c.root_id AS customer_id, min(c.first_seen_at) AS first_seen_at,
            (array_agg(c.country ORDER BY c.place_at DESC, c.country DESC))[1] AS country,
            NOT EXISTS (SELECT FROM shop_identifier i WHERE i.customer_id = c.root_id AND i.is_claimed) AS is_live,
            max(c.changed_xid::text::bigint) AS row_xid
        FROM shop_customer c
        WHERE c.root_id IN (SELECT root_id FROM shop_customer WHERE changed_xid >= ':since'::xid8)
        GROUP BY c.root_id
        UNION ALL
        SELECT c.id, c.first_seen_at, c.country, false, c.changed_xid{_XID}
        FROM shop_customer c WHERE c.root_id <> c.id AND c.changed_xid >= ':since'::xid8
    """,  # noqa: S608 - constants of this module
)
PURCHASES = LakeSource(
    name="purchases",
    columns={
        "order_id": "int64",
        "customer_id": "int64",
        "placed_at": "timestamp",
        "placed_on": "date",
        "net_minor": "int64",
        "margin_minor": "int64",
    },
    key="order_id",
    select=f"""
        SELECT o.id AS order_id, c.root_id AS customer_id, o.placed_at, o.placed_on, o.net_minor, o.margin_minor,
            coalesce({_PURCHASE}, false) AS is_live, o.changed_xid{_XID}
        FROM shop_order o LEFT JOIN shop_customer c ON c.id = o.customer_id
        WHERE o.changed_xid >= ':since'::xid8
    """,  # noqa: S608 - constants of this module
)
PURCHASE_LINES = LakeSource(
    name="purchase_lines",
    columns={
        "order_id": "int64",
        "customer_id": "int64",
        "placed_at": "timestamp",
        "product_id": "int64",
        "quantity": "int64",
        "total_minor": "int64",
    },
    key="order_id",
    # What was kept: pieces and money given back are off, services (postage, fees) and lines without a product are out.
    select=f"""
        SELECT o.id AS order_id, c.root_id AS customer_id, o.placed_at, l.product_id,
            (l.quantity - coalesce(r.quantity, 0))::bigint AS quantity,
            (l.total_minor - coalesce(r.amount_minor, 0))::bigint AS total_minor,
            coalesce({_PURCHASE} AND p.id IS NOT NULL AND NOT p.is_service
                AND l.quantity > coalesce(r.quantity, 0), false) AS is_live,
            o.changed_xid{_XID}
        FROM shop_order o
            LEFT JOIN shop_customer c ON c.id = o.customer_id
            LEFT JOIN shop_order_line l ON l.order_id = o.id
            LEFT JOIN shop_product p ON p.id = l.product_id
            LEFT JOIN (SELECT order_id, order_position, sum(quantity) AS quantity, sum(amount_minor) AS amount_minor
                FROM shop_refund GROUP BY 1, 2) r ON r.order_id = l.order_id AND r.order_position = l.position
        WHERE o.changed_xid >= ':since'::xid8
    """,  # noqa: S608 - constants of this module
)
PRODUCTS = LakeSource(
    name="products",
    columns={
        "product_id": "int64",
        "brand": "string",
        "category": "string",
        "price_minor": "int64",
        "unit_cost_minor": "int64",
        "status": "string",
    },
    key="product_id",
    # Prices in another currency than the shop's would be compared with it.
    select=f"""
        SELECT p.id AS product_id, p.brand, coalesce(p.categories->>0, '') AS category,
            CASE WHEN p.currency = (SELECT currency FROM shop_settings) THEN p.price_minor END AS price_minor,
            p.unit_cost_minor, {STATUS} AS status, p.listed_rank <> '' AS is_live,
            greatest(p.changed_xid, l.changed_xid){_XID}
        FROM {FROM_CATALOGUE}
        WHERE p.changed_xid >= ':since'::xid8 OR l.changed_xid >= ':since'::xid8
    """,  # noqa: S608 - constants of this module
)
LAKE_TABLES = (CUSTOMERS, PURCHASES, PURCHASE_LINES, PRODUCTS)
