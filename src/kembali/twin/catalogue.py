"""What the simulated shop sells: an invented coffee and tea shop, with prices, costs and who likes what."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kembali.twin.draws import Ints

CATEGORIES = ("espresso", "filter coffee", "black tea", "green tea", "herbal tea", "sweets", "equipment")
FAVOURITE_SHARES_PERCENT = (28, 22, 16, 12, 12, 10)  # nobody's favourite is equipment
PRICE_LEVEL_SHARES_PERCENT = (30, 50, 20)  # thrifty, middle, generous
SHELF_COUNT = 4  # an order takes each line from another shelf, so no product stands in it twice
CELL_COUNT = 256
_FAVOURITE_WEIGHT = 9
_TIER_WEIGHTS = ((6, 3, 1), (3, 5, 3), (1, 4, 7))  # by price level, then by tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One thing on sale. `tier` 0 is the plain one, 2 the fine one; the price stands for the whole life of the shop."""

    sku: str
    title: str
    category: int
    tier: int
    price_minor: int
    unit_cost_minor: int


def _product(sku: str, title: str, tier: int, price_minor: int, unit_cost_minor: int) -> Product:
    category = ("ESP", "FIL", "BLK", "GRN", "HRB", "SWT", "EQP").index(sku[:3])
    return Product(
        sku=sku, title=title, category=category, tier=tier, price_minor=price_minor, unit_cost_minor=unit_cost_minor
    )


PRODUCTS = (
    _product("ESP-01", "Espresso No. 1, 500 g", 0, 1090, 610),
    _product("ESP-02", "Espresso Harbour Blend, 500 g", 0, 1190, 660),
    _product("ESP-03", "Espresso Nightshift, 1 kg", 1, 2190, 1180),
    _product("ESP-04", "Espresso Low Acid, 500 g", 1, 1390, 720),
    _product("ESP-05", "Decaf Espresso, 500 g", 1, 1450, 780),
    _product("ESP-06", "Single Farm Espresso, 350 g", 2, 1690, 820),
    _product("ESP-07", "Barrel Aged Espresso, 350 g", 2, 2290, 1090),
    _product("FIL-01", "House Filter, 500 g", 0, 990, 560),
    _product("FIL-02", "Breakfast Filter, 500 g", 0, 1090, 600),
    _product("FIL-03", "Mountain Filter, 500 g", 1, 1350, 700),
    _product("FIL-04", "Washed Highland, 350 g", 1, 1290, 640),
    _product("FIL-05", "Decaf Filter, 500 g", 1, 1390, 750),
    _product("FIL-06", "Natural Micro Lot, 250 g", 2, 1590, 760),
    _product("FIL-07", "Competition Lot, 200 g", 2, 2490, 1230),
    _product("BLK-01", "English Breakfast, 250 g", 0, 790, 330),
    _product("BLK-02", "Strong Morning Blend, 250 g", 0, 850, 360),
    _product("BLK-03", "Earl Grey, 250 g", 1, 990, 420),
    _product("BLK-04", "Smoked Leaves, 150 g", 1, 1090, 470),
    _product("BLK-05", "First Flush, 100 g", 2, 1490, 690),
    _product("BLK-06", "Golden Tips, 80 g", 2, 1990, 940),
    _product("GRN-01", "Everyday Sencha, 200 g", 0, 890, 390),
    _product("GRN-02", "Gunpowder, 250 g", 0, 790, 330),
    _product("GRN-03", "Jasmine Pearls, 120 g", 1, 1290, 560),
    _product("GRN-04", "Genmaicha, 200 g", 1, 1150, 500),
    _product("GRN-05", "Gyokuro Shade, 100 g", 2, 2190, 1080),
    _product("GRN-06", "Ceremony Matcha, 40 g", 2, 2490, 1210),
    _product("HRB-01", "Peppermint, 150 g", 0, 590, 220),
    _product("HRB-02", "Garden Herbs, 150 g", 0, 650, 240),
    _product("HRB-03", "Rooibos Vanilla, 250 g", 1, 890, 370),
    _product("HRB-04", "Ginger & Lemon, 200 g", 1, 850, 350),
    _product("HRB-05", "Evening Calm, 120 g", 2, 1090, 450),
    _product("HRB-06", "Wild Berry Infusion, 250 g", 2, 1190, 480),
    _product("SWT-01", "Butter Shortbread", 0, 490, 240),
    _product("SWT-02", "Oat & Honey Bites", 0, 550, 270),
    _product("SWT-03", "Dark Chocolate 70 %", 1, 590, 290),
    _product("SWT-04", "Almond Cantuccini", 1, 690, 330),
    _product("SWT-05", "Espresso Truffles", 2, 1290, 640),
    _product("SWT-06", 'The "Quiet Hour" Gift Box', 2, 2990, 1590),
    _product("EQP-01", "Paper Filters, 100 pieces", 0, 490, 210),
    _product("EQP-02", "Tea Infuser", 0, 890, 400),
    _product("EQP-03", "Pour-over Dripper", 1, 1990, 980),
    _product("EQP-04", "Milk Frother", 1, 2490, 1310),
    _product("EQP-05", "Glass Teapot, 1.2 l", 2, 3490, 1820),
    _product("EQP-06", "Hand Grinder", 2, 6900, 3950),
)

PRICE_MINOR: Ints = np.asarray([product.price_minor for product in PRODUCTS], dtype=np.int64)
MARGIN_MINOR: Ints = PRICE_MINOR - np.asarray([product.unit_cost_minor for product in PRODUCTS], dtype=np.int64)
IS_CONSUMABLE = np.asarray([product.category != CATEGORIES.index("equipment") for product in PRODUCTS])


@lru_cache(maxsize=1)
def product_choices() -> Ints:
    """Return which product a draw of 0 … 255 means: shape (favourite category, price level, shelf, 256)."""
    shape = (len(FAVOURITE_SHARES_PERCENT), len(PRICE_LEVEL_SHARES_PERCENT), SHELF_COUNT, CELL_COUNT)
    choices = np.empty(shape, dtype=np.int64)
    for favourite, level, shelf in np.ndindex(shape[:3]):
        on_shelf = range(shelf, len(PRODUCTS), SHELF_COUNT)
        choices[favourite, level, shelf] = _cells({number: _weight(favourite, level, number) for number in on_shelf})
    return choices


def _weight(favourite: int, level: int, number: int) -> int:
    product = PRODUCTS[number]
    liking = _FAVOURITE_WEIGHT if product.category == favourite else 1
    # A teapot is bought once in a while, whoever buys it.
    return liking * _TIER_WEIGHTS[level][product.tier] * (1 if product.category == CATEGORIES.index("equipment") else 2)


def _cells(weights: dict[int, int]) -> list[int]:
    """Return CELL_COUNT product numbers in proportion to their weights, by whole numbers only."""
    total = sum(weights.values())
    cells: list[int] = []
    passed = 0
    for number, weight in weights.items():
        passed += weight
        cells += [number] * (passed * CELL_COUNT // total - len(cells))
    return cells
