"""Olist's marketplace in its nine tables. `customer_id` is new with every order; `customer_unique_id` is the person."""

from kembali.collect.files.sets.base import FileSet, Part, Table

# Full joins: a line or a payment without its order becomes a row without a date, and is rejected with that reason
# instead of being lost. An amount that is no number is handed on as it is, to be rejected as well.
_ORDERS = """
WITH paid AS (
    SELECT order_id, CASE WHEN count(*) = count(TRY_CAST(payment_value AS DECIMAL(18, 2)))
            THEN sum(TRY_CAST(payment_value AS DECIMAL(18, 2)))::VARCHAR ELSE max(payment_value) END AS payment_value,
        string_agg(DISTINCT payment_type, '+' ORDER BY payment_type) AS payment_types,
        max(TRY_CAST(payment_installments AS INTEGER))::VARCHAR AS payment_installments
    FROM payments GROUP BY order_id
), sent AS (
    SELECT order_id, sum(TRY_CAST(freight_value AS DECIMAL(18, 2)))::VARCHAR AS freight_total
    FROM items GROUP BY order_id
), person AS (
    SELECT customer_id, any_value(customer_unique_id) AS customer_unique_id, any_value(customer_city) AS customer_city,
        any_value(customer_state) AS customer_state FROM customers GROUP BY customer_id
)
SELECT coalesce(orders.order_id, items.order_id, paid.order_id) AS order_id, person.customer_unique_id,
    orders.order_status, orders.order_purchase_timestamp, person.customer_city, person.customer_state,
    CASE WHEN person.customer_id IS NOT NULL THEN 'BR' END AS country, items.order_item_id, items.product_id,
    items.seller_id, items.shipping_limit_date, items.price, items.freight_value, sent.freight_total,
    paid.payment_value, paid.payment_types, paid.payment_installments
FROM orders FULL JOIN items ON items.order_id = orders.order_id
FULL JOIN paid ON paid.order_id = coalesce(orders.order_id, items.order_id)
LEFT JOIN sent ON sent.order_id = orders.order_id
LEFT JOIN person ON person.customer_id = orders.customer_id
ORDER BY ALL
"""
_SHIPMENTS = """
SELECT orders.order_id, customers.customer_unique_id, order_status, order_purchase_timestamp,
    order_delivered_carrier_date, order_delivered_customer_date, order_estimated_delivery_date
FROM orders LEFT JOIN customers USING (customer_id) ORDER BY ALL
"""
_REVIEWS = """
SELECT review_id, reviews.order_id, review_score, review_comment_title, review_comment_message, review_creation_date,
    review_answer_timestamp, customers.customer_unique_id
FROM reviews LEFT JOIN orders USING (order_id) LEFT JOIN customers USING (customer_id) ORDER BY ALL
"""
_PRODUCTS = """
SELECT products.*, translations.product_category_name_english
FROM products LEFT JOIN translations USING (product_category_name) ORDER BY ALL
"""

OLIST = FileSet(
    name="olist",
    tables=(
        Table(
            "orders",
            (
                "order_id",
                "customer_id",
                "order_status",
                "order_purchase_timestamp",
                "order_delivered_carrier_date",
                "order_delivered_customer_date",
                "order_estimated_delivery_date",
            ),
            needed=True,
        ),
        Table(
            "items",
            ("order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value"),
            needed=True,
        ),
        Table(
            "payments",
            ("order_id", "payment_sequential", "payment_type", "payment_installments", "payment_value"),
            needed=True,
        ),
        Table("customers", ("customer_id", "customer_unique_id", "customer_city", "customer_state"), needed=True),
        Table(
            "reviews",
            (
                "review_id",
                "order_id",
                "review_score",
                "review_comment_title",
                "review_comment_message",
                "review_creation_date",
                "review_answer_timestamp",
            ),
        ),
        Table("products", ("product_id", "product_category_name", "product_photos_qty", "product_weight_g")),
        Table("translations", ("product_category_name", "product_category_name_english"), is_looked_up=True),
        Table("sellers", ("seller_id", "seller_zip_code_prefix", "seller_city", "seller_state"), is_looked_up=True),
        Table("places", ("geolocation_zip_code_prefix", "geolocation_lat", "geolocation_lng"), is_looked_up=True),
    ),
    parts=(
        Part("olist_products.csv", ("products", "translations"), _PRODUCTS),
        Part("olist_orders.csv", ("orders", "items", "payments", "customers"), _ORDERS),
        Part("olist_shipments.csv", ("orders", "customers"), _SHIPMENTS),
        Part("olist_reviews.csv", ("reviews", "orders", "customers"), _REVIEWS),
    ),
)
