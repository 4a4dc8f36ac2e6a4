"""A shop's site with our snippet in it, a real edge behind it, and a browser before it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.makers.edge import Arrived, Edge, Site, key_of, running_edge, running_site
from tests.web.browser import CHROMIUM

TAG = '<script async src="EDGE/kembali.js" data-key="KEY" SAID></script>'
PRODUCT = """<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
  {"@type": "BreadcrumbList", "itemListElement": []},
  {"@type": "Product", "productID": "p1", "sku": "TEA", "name": "Green tea",
   "brand": {"@type": "Brand", "name": "Leaf"}, "image": ["https://shop.example/tea.jpg"],
   "offers": {"@type": "Offer", "price": "4.50", "priceCurrency": "EUR"}}
]}</script>"""
LIST = """<script type="application/ld+json">{"@type": "https://schema.org/ItemList", "itemListElement": [
  {"@type": "ListItem", "position": 1, "item": {"@type": "Product", "sku": "TEA", "name": "Green tea"}},
  {"@type": "ListItem", "position": 2, "name": "Cup", "url": "/products/cup"}]}</script>"""
PAGES = {
    "/": "<title>Home</title><a href=/products/tea>Tea</a>",
    "/products/tea": f"""<title>Tea</title>{PRODUCT}<form action=/cart/add onsubmit="return false">
        <input type=hidden name=id value=v7><input name=quantity value=2><button id=add>Add</button></form>""",
    "/search": f"<title>Search</title>{LIST}",
    "/cart": """<title>Cart</title>
        <div data-kembali-event="Cart Viewed" data-kembali-cart-id=c1 data-kembali-value=21>
          <div data-kembali-item data-kembali-product-id=p1 data-kembali-quantity=2 data-kembali-price=4.50></div>
          <div data-kembali-item data-kembali-product-id=p2 data-kembali-quantity=1 data-kembali-price=12></div></div>
        <button id=remove data-kembali-click="Product Removed" data-kembali-product-id=p2>Remove</button>""",
    "/checkout": """<title>Checkout</title><form action=/checkout/shipping data-kembali-submit="Checkout Step Completed"
        data-kembali-step=1><input id=email type=email><input id=note><button id=next>Next</button></form>""",
    "/checkout/shipping": "<title>Shipping</title>",
}


@dataclass(slots=True)
class Visit:
    """A visitor's browser: its open page, what it sends to the edge, and what goes wrong in its console."""

    context: BrowserContext
    page: Page
    source: str
    sent: list[Request] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def kept(self) -> list[str]:
        """Return the names of what this browser stores of us."""
        found: list[str] = self.page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('kembali'))")
        return sorted(found)

    def started(self) -> None:
        """Wait until the snippet has come."""
        self.page.wait_for_function("(window.kembali || window.analytics || {}).initialize")


@dataclass(slots=True)
class Shop:
    """Hands each test a visitor and a key of its own."""

    edge: Edge
    site: Site
    browser: Browser
    keys: list[tuple[str, str]]

    @contextmanager
    def visitor(self, said: str = "", *, tag: str = TAG, script: str = "") -> Iterator[Visit]:
        """Open a browser for a shop whose pages hold the snippet.

        Args:
            said: further attributes of its tag.
            script: runs in every page before anything else.
        """
        source, key = self.keys.pop()
        head = tag.replace("EDGE", self.edge.address).replace("KEY", key).replace("SAID", said)
        self.site.pages = {path: f"<!doctype html>{head}{body}" for path, body in PAGES.items()}
        context = self.browser.new_context()
        context.set_default_timeout(10_000)
        if script:
            context.add_init_script(script)
        visit = Visit(context, context.new_page(), f"public:{source}")
        context.on("request", lambda asked: visit.sent.append(asked) if asked.method == "POST" else None)
        visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
        yield visit
        context.close()

    def facts(self, visit: Visit, count: int, *, patience_s: float = 10) -> list[Arrived]:
        """Return what arrived of a visit, as soon as there are `count` facts."""
        return self.edge.facts(visit.source, count, patience_s=patience_s)


@contextmanager
def opened_shop(home: Path, *, visitors: int) -> Iterator[Shop]:
    """Start everything. Keys are made before the browser: with its loop in this thread Django keeps off."""
    keys = [(f"site{n}", key_of(f"site{n}")) for n in range(visitors)]
    with running_edge(home) as edge, running_site({}) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Shop(edge, site, browser, keys)
        browser.close()
