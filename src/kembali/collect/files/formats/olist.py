"""The tables of Olist's marketplace after they are joined, see `sets.olist`: one file per kind, in plain columns."""

from kembali.collect.files.formats.base import Format

_USUAL = ("BRL", "America/Sao_Paulo")

OLIST_ORDERS = Format(
    name="olist_orders",
    source="olist",
    usual=_USUAL,
    signatures=(frozenset({"order_id", "customer_unique_id", "order_purchase_timestamp", "payment_value", "price"}),),
    columns={
        "order_ref": ("order_id",),
        "placed_at": ("order_purchase_timestamp",),
        "status": ("order_status",),
        "shipping": ("freight_total",),
        "total": ("payment_value",),
        "customer_ref": ("customer_unique_id",),
        "country": ("country",),
        "city": ("customer_city",),
        "sku": ("product_id",),
        "unit_price": ("price",),
    },
    line_words=("order_item", "seller", "shipping_limit", "freight_value"),
    statuses={
        **dict.fromkeys(("delivered", "shipped", "invoiced", "processing", "approved"), "paid"),
        "created": "pending",
        "canceled": "cancelled",
        "unavailable": "cancelled",
    },
)

OLIST_SHIPMENTS = Format(
    name="olist_shipments",
    kind="shipments",
    source="olist",
    usual=_USUAL,
    signatures=(
        frozenset({"order_id", "customer_unique_id", "order_delivered_customer_date", "order_estimated_delivery_date"}),
    ),
    columns={
        "order_ref": ("order_id",),
        "status": ("order_status",),
        "ordered_at": ("order_purchase_timestamp",),
        "shipped_at": ("order_delivered_carrier_date",),
        "delivered_at": ("order_delivered_customer_date",),
        "promised_at": ("order_estimated_delivery_date",),
        "customer_ref": ("customer_unique_id",),
    },
    words={
        **dict.fromkeys(("created", "approved", "invoiced", "processing"), "pending"),
        **dict.fromkeys(("canceled", "unavailable"), "cancelled"),
    },
)

OLIST_REVIEWS = Format(
    name="olist_reviews",
    kind="reviews",
    source="olist",
    usual=_USUAL,
    signatures=(frozenset({"review_id", "order_id", "review_score", "review_answer_timestamp"}),),
    columns={
        "review_ref": ("review_id",),
        "order_ref": ("order_id",),
        "rating": ("review_score",),
        "title": ("review_comment_title",),
        "text": ("review_comment_message",),
        "asked_at": ("review_creation_date",),
        "left_at": ("review_answer_timestamp",),
        "customer_ref": ("customer_unique_id",),
    },
)

OLIST_PRODUCTS = Format(
    name="olist_products",
    kind="products",
    source="olist",
    usual=_USUAL,
    signatures=(frozenset({"product_id", "product_category_name", "product_photos_qty", "product_weight_g"}),),
    columns={
        "product_ref": ("product_id",),
        "sku": ("sku", "product_id"),
        "title": ("title",),
        "category": ("product_category_name_english", "product_category_name"),
    },
)
