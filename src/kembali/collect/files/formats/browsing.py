"""Lists of what visitors did in a shop: REES46's and Taobao's. Both number their products and know no order numbers."""

from kembali.collect.files.formats.base import Format

REES46_EVENTS = Format(
    name="rees46_events",
    kind="events",
    source="rees46",
    signatures=(frozenset({"event_time", "event_type", "product_id", "category_id", "user_id", "user_session"}),),
    columns={
        "event": ("event_type",),
        "occurred_at": ("event_time",),
        "product_ref": ("product_id",),
        "category_ref": ("category_id",),
        "category": ("category_code",),
        "brand": ("brand",),
        "price": ("price",),
        "customer_ref": ("user_id",),
        "session_ref": ("user_session",),
    },
)

TAOBAO_EVENTS = Format(
    name="taobao_events",
    kind="events",
    source="taobao",
    usual=("CNY", "Asia/Shanghai"),
    signatures=(
        frozenset({"user_id", "item_id", "category_id", "behavior", "ts"}),
        frozenset({"user_id", "item_id", "category_id", "behavior_type", "timestamp"}),
    ),
    columns={
        "event": ("behavior", "behavior_type"),
        "occurred_at": ("ts", "timestamp"),
        "product_ref": ("item_id",),
        "category_ref": ("category_id",),
        "customer_ref": ("user_id",),
    },
)
