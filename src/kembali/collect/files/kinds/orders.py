"""Orders with or without their lines, from shops and from tills. They are read set-based, see `sql/`."""

from kembali.collect.files.fields import FIELDS
from kembali.collect.files.kinds.base import Kind

ORDERS = Kind(
    name="orders",
    in_words="orders",
    fields=FIELDS,
    needs=(
        ("order_ref",),
        ("placed_at",),
        ("unit_price", "line_total", "total"),
        ("customer_ref", "email", "phone", "loyalty_ref"),
    ),
    tells=(("order_ref",), ("placed_at",), ("unit_price", "line_total", "total")),
)
