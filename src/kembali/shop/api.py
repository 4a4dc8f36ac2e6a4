"""The door to `shop`."""

from kembali.collect.api import ShopNotSetUp
from kembali.shop.contracts import (
    Address,
    OrderSummary,
    OrderTotal,
    Parting,
    PeopleFound,
    PersonFound,
    PossibleDoubles,
    Profile,
    Revenue,
    ShopSettings,
    Unmatched,
)
from kembali.shop.errors import BadShopSetting, CustomerNotFound, NotAQuestion, NotMerged, ShopIsFixed
from kembali.shop.lake_tables import LAKE_TABLES, LakeSource
from kembali.shop.queries.claims import claimed_customers_of, claimed_subjects_of
from kembali.shop.queries.clusters import addresses_of, last_product_titles, members_of, root_of, subjects_of
from kembali.shop.queries.doubles import possible_doubles
from kembali.shop.queries.orders import list_orders_of, order_totals, unmatched_cancellations
from kembali.shop.queries.parting import preview_unmerge
from kembali.shop.queries.people import count_people, profile_of, search_people
from kembali.shop.queries.returning import revenue_between
from kembali.shop.queries.settings import find_shop_settings, shop_settings
from kembali.shop.queries.state import state_hash
from kembali.shop.services.catalogue import set_product_costs
from kembali.shop.services.deciding import keep_apart, merge, put_off, unmerge
from kembali.shop.services.folding import PROJECTION
from kembali.shop.services.identity import find_customers, resolve_customers
from kembali.shop.services.rebuilding import rebuild
from kembali.shop.services.settings import DEFAULT_MARGIN_PERCENT, set_clock_offset, set_country, set_up_shop
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
    "CustomerNotFound",
    "LakeSource",
    "NotAQuestion",
    "NotMerged",
    "OrderSummary",
    "OrderTotal",
    "Parting",
    "PeopleFound",
    "PersonFound",
    "PossibleDoubles",
    "Profile",
    "Revenue",
    "ShopIsFixed",
    "ShopNotSetUp",
    "ShopSettings",
    "Unmatched",
    "addresses_of",
    "claimed_customers_of",
    "claimed_subjects_of",
    "count_people",
    "find_customers",
    "find_shop_settings",
    "keep_apart",
    "last_product_titles",
    "list_orders_of",
    "members_of",
    "merge",
    "order_totals",
    "possible_doubles",
    "preview_unmerge",
    "profile_of",
    "put_off",
    "rebuild",
    "resolve_customers",
    "revenue_between",
    "root_of",
    "search_people",
    "set_clock_offset",
    "set_country",
    "set_product_costs",
    "set_up_shop",
    "shop_settings",
    "state_hash",
    "subjects_of",
    "unmatched_cancellations",
    "unmerge",
]
