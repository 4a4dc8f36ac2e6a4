"""The door to `shop`."""

from kembali.collect.api import ShopNotSetUp
from kembali.shop.contracts.carrying import CartLine, OpenCart, ShipmentFound
from kembali.shop.contracts.catalogue import ProductFound, ProductsFound
from kembali.shop.contracts.orders import (
    DoublesLeftOut,
    LineFound,
    OrderFound,
    OrdersFound,
    OrderSummary,
    OrderTotal,
    PossibleDoubles,
    Revenue,
    Unmatched,
)
from kembali.shop.contracts.people import (
    Address,
    CustomerFound,
    CustomersFound,
    Parting,
    PeopleFound,
    PersonFound,
    PersonPart,
    Profile,
    Question,
    Side,
)
from kembali.shop.contracts.settings import ShopSettings
from kembali.shop.errors import (
    BadShopSetting,
    CustomerNotFound,
    NotAQuestion,
    NotMerged,
    OrderNotFound,
    ProductNotFound,
    ShopIsFixed,
)
from kembali.shop.lake_tables import LAKE_TABLES, LakeSource
from kembali.shop.queries.carrying import late_shipments, open_carts_idle_since, open_carts_of, shipments_of
from kembali.shop.queries.claims import claimed_customers_of, claimed_subjects_of
from kembali.shop.queries.clusters import addresses_of, last_product_titles, members_of, root_of, subjects_of
from kembali.shop.queries.customers import customer_of, list_customers
from kembali.shop.queries.doubles import doubles_left_out, possible_doubles
from kembali.shop.queries.listing import list_orders, order_of
from kembali.shop.queries.orders import list_orders_of, order_totals, unmatched_cancellations
from kembali.shop.queries.parting import preview_unmerge
from kembali.shop.queries.people import count_people, profile_of, search_people
from kembali.shop.queries.products import list_products, product_of, search_products
from kembali.shop.queries.questions import count_questions, list_questions, parts_of, sides_of
from kembali.shop.queries.returning import revenue_between
from kembali.shop.queries.settings import find_shop_settings, shop_settings
from kembali.shop.queries.state import state_hash
from kembali.shop.services.catalogue import set_product_costs
from kembali.shop.services.deciding import keep_apart, merge, put_off, unmerge
from kembali.shop.services.doubling import leave_out_doubles, take_doubles_back
from kembali.shop.services.folding import PROJECTION
from kembali.shop.services.identity import find_customers, resolve_customers
from kembali.shop.services.rebuilding import rebuild
from kembali.shop.services.settings import (
    DEFAULT_MARGIN_PERCENT,
    set_clock_offset,
    set_country,
    set_placeholders,
    set_up_once,
    set_up_shop,
)
from kembali.shop.services.tracked_orders import TRACKED_ORDERS
from kembali.shop.services.tracking import TRACKING

__all__ = [
    "DEFAULT_MARGIN_PERCENT",
    "LAKE_TABLES",
    "PROJECTION",
    "TRACKED_ORDERS",
    "TRACKING",
    "Address",
    "BadShopSetting",
    "CartLine",
    "CustomerFound",
    "CustomerNotFound",
    "CustomersFound",
    "DoublesLeftOut",
    "LakeSource",
    "LineFound",
    "NotAQuestion",
    "NotMerged",
    "OpenCart",
    "OrderFound",
    "OrderNotFound",
    "OrderSummary",
    "OrderTotal",
    "OrdersFound",
    "Parting",
    "PeopleFound",
    "PersonFound",
    "PersonPart",
    "PossibleDoubles",
    "ProductFound",
    "ProductNotFound",
    "ProductsFound",
    "Profile",
    "Question",
    "Revenue",
    "ShipmentFound",
    "ShopIsFixed",
    "ShopNotSetUp",
    "ShopSettings",
    "Side",
    "Unmatched",
    "addresses_of",
    "claimed_customers_of",
    "claimed_subjects_of",
    "count_people",
    "count_questions",
    "customer_of",
    "doubles_left_out",
    "find_customers",
    "find_shop_settings",
    "keep_apart",
    "last_product_titles",
    "late_shipments",
    "leave_out_doubles",
    "list_customers",
    "list_orders",
    "list_orders_of",
    "list_products",
    "list_questions",
    "members_of",
    "merge",
    "open_carts_idle_since",
    "open_carts_of",
    "order_of",
    "order_totals",
    "parts_of",
    "possible_doubles",
    "preview_unmerge",
    "product_of",
    "profile_of",
    "put_off",
    "rebuild",
    "resolve_customers",
    "revenue_between",
    "root_of",
    "search_people",
    "search_products",
    "set_clock_offset",
    "set_country",
    "set_placeholders",
    "set_product_costs",
    "set_up_once",
    "set_up_shop",
    "shipments_of",
    "shop_settings",
    "sides_of",
    "state_hash",
    "subjects_of",
    "take_doubles_back",
    "unmatched_cancellations",
    "unmerge",
]
