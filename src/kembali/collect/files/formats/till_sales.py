"""What tills export: receipts with their store and till. Many name nobody, and count all the same."""

from dataclasses import replace

from kembali.collect.files.formats.generic_orders import GENERIC_ORDERS

_STORES = ("store", "store_id", "store_no", "shop", "shop_id", "branch", "location", "Filiale")
_TILLS = ("till", "till_id", "till_no", "register", "register_id", "terminal", "terminal_id", "pos_id", "Kasse")
_RECEIPTS = ("receipt_no", "receipt_number", "receipt", "receipt_id", "Bonnummer", "Bon-Nr", "basket_id")

TILL_SALES = replace(
    GENERIC_ORDERS,
    name="till_sales",
    source="till",
    signatures=tuple(
        frozenset(names)
        for names in (*((till,) for till in _TILLS), *((store, slip) for store in _STORES for slip in _RECEIPTS))
    ),
    columns={
        **GENERIC_ORDERS.columns,
        "order_ref": (*_RECEIPTS, *GENERIC_ORDERS.columns["order_ref"]),
        "placed_at": ("sold_at", "receipt_date", "Bondatum", *GENERIC_ORDERS.columns["placed_at"]),
    },
    # Two tills may print the same number.
    composed={"order_ref": (*_STORES, *_TILLS)},
    may_be_anonymous=True,
)
