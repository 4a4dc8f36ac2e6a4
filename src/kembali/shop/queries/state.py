"""The fingerprint of the shop's state: equal for equal facts, whatever their order, repetition or ids given."""

import hashlib

from kembali.infra.database import one_transaction

# Natural keys only: a person is the sorted list of their identifiers, an order its source and number.
_PEOPLE = """
CREATE TEMP TABLE shop_hashed_person ON COMMIT DROP AS
SELECT c.root_id,
    md5(string_agg(i.kind || ':' || i.value, E'\\n' ORDER BY i.kind COLLATE "C", i.value COLLATE "C")) AS name
FROM shop_customer c JOIN shop_identifier i ON i.customer_id = c.id GROUP BY 1
"""
_ROWS = {
    "people": """
        SELECT h.name, min(c.first_seen_at), max(ROW(c.place_at, c.country COLLATE "C", c.city COLLATE "C")::text),
            max(ROW(p.email_at, p.email COLLATE "C")::text), max(ROW(p.phone_at, p.phone COLLATE "C")::text),
            max(ROW(p.name_at, p.first_name COLLATE "C", p.last_name COLLATE "C")::text)
        FROM shop_hashed_person h JOIN shop_customer c USING (root_id) LEFT JOIN shop_person p ON p.customer_id = c.id
        GROUP BY 1""",
    "shared": """
        SELECT i.kind, i.value FROM shop_customer c JOIN shop_identifier i ON i.customer_id = c.id WHERE c.is_shared""",
    "questions": """
        SELECT least(a.name, b.name), greatest(a.name, b.name)
        FROM shop_question q JOIN shop_customer f ON f.id = q.first_id JOIN shop_customer s ON s.id = q.second_id
            JOIN shop_hashed_person a ON a.root_id = f.root_id JOIN shop_hashed_person b ON b.root_id = s.root_id""",
    "claims": """
        SELECT c.anonymous_id, i.kind, i.value, c.first_at
        FROM shop_claim c JOIN shop_identifier i ON i.customer_id = c.customer_id""",
    "leads": "SELECT kind, value FROM shop_identifier WHERE is_claimed",
    "products": """
        SELECT sku_key, sku, title, title_at, is_service, unit_cost_minor, owner_cost_minor, told_cost_minor,
            told_cost_rank, listed_rank, variant_ref, CASE WHEN listed_rank <> '' THEN ROW (listed_source, product_ref,
            listed_sku, listed_title, variant_title, listed_status, brand, categories, handle, url, image_url, currency,
            price_minor, compare_at_minor, stock, listed_at)::text END
        FROM shop_product""",
    "listings": "SELECT source, product_ref, version_rank, version_at, deleted_at FROM shop_listing",
    "carts": """
        SELECT k.source, k.kind, k.cart_ref, k.version_rank, k.changed_at, h.name, k.currency, k.total_minor, k.lines,
            k.url, k.order_ref, k.is_completed, k.is_deleted
        FROM shop_cart k LEFT JOIN shop_customer c ON c.id = k.customer_id
            LEFT JOIN shop_hashed_person h USING (root_id)""",
    "shipments": """
        SELECT source, order_ref, shipment_ref, version_rank, status, carrier, tracking_number, tracking_url,
            shipped_at, promised_at, delivered_at
        FROM shop_shipment""",
    "orders": """
        SELECT o.source, o.order_ref, h.name, o.kind, o.status, o.placed_at, o.placed_on, o.currency, o.gross_minor,
            o.discount_minor, o.shipping_minor, o.tax_minor, o.refunded_minor, o.net_minor, o.margin_minor,
            o.margin_assumed, o.said_status, o.noted_refund_minor, o.version_dated, o.version_at, o.version_id
        FROM shop_order o LEFT JOIN shop_customer c ON c.id = o.customer_id
            LEFT JOIN shop_hashed_person h USING (root_id)""",
    # Of a deletion, restoration or cancellation the last counts, of a first sight the first: the others are no state.
    "marks": """
        SELECT source, order_ref, kind, CASE kind WHEN 'placed' THEN min(noted_at) ELSE max(noted_at) END
        FROM shop_order_note WHERE kind <> 'refunded' GROUP BY 1, 2, 3""",
    "notes": """
        SELECT source, order_ref, note_ref, noted_at, amount_minor, currency, lines
        FROM shop_order_note WHERE kind = 'refunded'""",
    "lines": """
        SELECT o.source, o.order_ref, l.position, p.sku_key, l.quantity, l.unit_price, l.total_minor
        FROM shop_order_line l JOIN shop_order o ON o.id = l.order_id
            LEFT JOIN shop_product p ON p.id = l.product_id""",
    "refunds": """
        SELECT c.source, c.order_ref, r.cancellation_position, o.source, o.order_ref, r.order_position, r.quantity,
            r.amount_minor
        FROM shop_refund r JOIN shop_order c ON c.id = r.cancellation_id JOIN shop_order o ON o.id = r.order_id""",
}
_SUM = "SELECT count(*), coalesce(sum(('x' || left(md5(ROW(s.*)::text), 16))::bit(64)::bigint::numeric), 0) FROM ({}) s"


def state_hash() -> str:
    """Return 64 hex digits that are equal exactly where the folded state is equal. Reads every row once."""
    digest = hashlib.sha256()
    with one_transaction() as cursor:
        cursor.execute(_PEOPLE)
        for name, rows in _ROWS.items():
            cursor.execute(_SUM.format(rows))
            digest.update(f"{name}:{cursor.fetchall()[0]};".encode())
        cursor.execute("DROP TABLE shop_hashed_person")
    return digest.hexdigest()
