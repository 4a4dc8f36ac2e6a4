"""The simulated shop's history as the files a shop would export: orders, and what products cost."""

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kembali.kernel.money import from_minor
from kembali.twin.catalogue import PRODUCTS
from kembali.twin.orders import TwinOrder, orders_of
from kembali.twin.plan import CURRENCY, TIME_ZONE
from kembali.twin.shop import Shop

ORDER_COLUMNS = (
    "order_id",
    "created_at",
    "email",
    "customer_id",
    "first_name",
    "last_name",
    "country",
    "sku",
    "title",
    "quantity",
    "unit_price",
    "currency",
    "accepts_email",
)
COST_COLUMNS = ("sku", "title", "unit_cost", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTotals:
    """What an import of the file must account for."""

    line_count: int
    order_count: int
    customer_count: int
    net_minor: int


def write_orders_csv(shop: Shop, path: Path, *, before: datetime | None = None) -> FileTotals:
    """Write the orders placed before an instant (default: the launch), oldest first, and return their totals.

    One row per line item, every field on every row. `created_at` is local time in the shop's zone without an offset;
    none of them is ambiguous, since nobody buys while clocks change. UTF-8, comma, quoted where needed.
    """
    end = shop.plan.launched_at if before is None else before
    opens_at_s = int(shop.plan.opens_at.timestamp())
    orders = orders_of(shop, shop.purchases.between(opens_at_s, int(end.timestamp())))
    zone = ZoneInfo(TIME_ZONE)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(ORDER_COLUMNS)
        for order in orders:
            writer.writerows(_rows(order, zone))
    return FileTotals(
        line_count=sum(len(order.lines) for order in orders),
        order_count=len(orders),
        customer_count=len({order.person.customer_ref for order in orders}),
        net_minor=sum(order.total_minor for order in orders),
    )


def write_costs_csv(path: Path) -> None:
    """Write what each product costs the shop, one row per product."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COST_COLUMNS)
        for product in PRODUCTS:
            writer.writerow((product.sku, product.title, from_minor(product.unit_cost_minor, CURRENCY), CURRENCY))


def _rows(order: TwinOrder, zone: ZoneInfo) -> list[tuple[object, ...]]:
    person = order.person
    created_at = order.placed_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    name = (person.first_name, person.last_name)
    head = (order.order_ref, created_at, person.email, person.customer_ref, *name, person.country)
    tail = (CURRENCY, "yes" if person.accepts_email else "no")
    return [
        (
            *head,
            line.product.sku,
            line.product.title,
            line.quantity,
            from_minor(line.product.price_minor, CURRENCY),
            *tail,
        )
        for line in order.lines
    ]
