"""The door to `twin`."""

from kembali.twin.catalogue import PRODUCTS, Product
from kembali.twin.errors import PlanNotPossible, UnknownTwinCustomer
from kembali.twin.facts import OrderFact, ProductCost, order_facts, product_costs
from kembali.twin.idle import IdleMoments, idle_moments
from kembali.twin.outcomes import (
    Outcomes,
    PotentialOutcomes,
    TrueEffect,
    caused_purchases,
    outcomes_in_window,
    potential_outcomes,
)
from kembali.twin.people import Person, people_of
from kembali.twin.plan import CURRENCY, TIME_ZONE, PlantedEffect, ShopPlan, benchmark_plan, demo_plan
from kembali.twin.population import Population
from kembali.twin.shop import NEVER_S, Purchases, Shop, customer_number, customer_ref, iter_purchases, open_shop
from kembali.twin.shop_file import FileTotals, write_costs_csv, write_orders_csv
from kembali.twin.simulation import Append, Delivered, LivedDays, Tick, run_days

__all__ = [
    "CURRENCY",
    "NEVER_S",
    "PRODUCTS",
    "TIME_ZONE",
    "Append",
    "Delivered",
    "FileTotals",
    "IdleMoments",
    "LivedDays",
    "OrderFact",
    "Outcomes",
    "Person",
    "PlanNotPossible",
    "PlantedEffect",
    "Population",
    "PotentialOutcomes",
    "Product",
    "ProductCost",
    "Purchases",
    "Shop",
    "ShopPlan",
    "Tick",
    "TrueEffect",
    "UnknownTwinCustomer",
    "benchmark_plan",
    "caused_purchases",
    "customer_number",
    "customer_ref",
    "demo_plan",
    "idle_moments",
    "iter_purchases",
    "open_shop",
    "order_facts",
    "outcomes_in_window",
    "people_of",
    "potential_outcomes",
    "product_costs",
    "run_days",
    "write_costs_csv",
    "write_orders_csv",
]
