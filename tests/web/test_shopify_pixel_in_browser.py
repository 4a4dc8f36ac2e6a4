"""The pixel that a Shopify shop pastes: what it sends is tracking that the edge takes, each event once."""

import json
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import sync_playwright

from kembali.collect import door
from kembali.web.views.connections import pixel_of
from tests.web.browser import CHROMIUM, needs_browser

pytestmark = needs_browser

AT = datetime(2032, 3, 1, 12, tzinfo=UTC)
_STUB = """
window.told = {}; window.sent = [];
window.analytics = { subscribe: (name, tell) => { told[name] = tell; } };
window.fetch = (url, options) => { sent.push([url, options.method, options.body]); return Promise.resolve(); };
"""
_VARIANT = {
    "id": "77",
    "sku": "MUG",
    "price": {"amount": 12.5, "currencyCode": "EUR"},
    "product": {"id": "3", "title": "Mug", "vendor": "Maker", "type": "Things"},
}
_CHECKOUT = {
    "token": "c1",
    "currencyCode": "EUR",
    "totalPrice": {"amount": 25},
    "email": "ann@example.com",
    "phone": None,
    "lineItems": [{"quantity": 2, "variant": _VARIANT}],
    "order": {"id": "gid://shopify/Order/1001"},
}
_DATA: dict[str, dict[str, Any]] = {
    "page_viewed": {},
    "product_viewed": {"productVariant": _VARIANT},
    "collection_viewed": {"collection": {"id": "9", "title": "Cups"}},
    "search_submitted": {"searchResult": {"query": "mug"}},
    "product_added_to_cart": {"cartLine": {"quantity": 2, "merchandise": _VARIANT}},
    "product_removed_from_cart": {"cartLine": None},
    "cart_viewed": {"cart": None},
    "checkout_started": {"checkout": _CHECKOUT},
    "checkout_contact_info_submitted": {"checkout": _CHECKOUT},
    "payment_info_submitted": {"checkout": _CHECKOUT},
    "checkout_completed": {"checkout": _CHECKOUT},
}


def _sent() -> list[tuple[str, str, str]]:
    pixel = pixel_of("web/connect/shopify_pixel.js", edge_url="https://edge.example", key="pk_1")
    where = {"location": {"href": "https://shop.example/mug", "pathname": "/mug"}}
    events = [
        {
            "id": f"e{number}",
            "name": name,
            "clientId": "visitor",
            "timestamp": "2032-03-01T11:59:00.000Z",
            "context": {"window": where, "document": {"title": "Mug", "referrer": ""}},
            "data": data,
        }
        for number, (name, data) in enumerate(_DATA.items())
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.add_script_tag(content=_STUB)
        page.add_script_tag(content=pixel)
        assert page.evaluate("Object.keys(told).sort()") == sorted(_DATA)
        found: list[tuple[str, str, str]] = page.evaluate(
            "events => { events.forEach((one) => told[one.name](one)); return sent; }", events
        )
        browser.close()
    return found


def test_every_event_of_a_visit_is_tracking_that_the_edge_takes() -> None:
    names, ids = [], set()
    for url, method, body in _sent():
        call = url.rpartition("/")[2]
        assert (url.startswith("https://edge.example/v1/"), method) == (True, "POST")
        envelope = door.open_envelope(door.body_of(body.encode(), ""), call)
        assert envelope.write_key == "pk_1"
        reading = door.read_events(
            envelope, call, source="public:site", is_trusted=False, anonymous_id="", received_at=AT
        )
        assert reading.rejected == []
        ids.add(json.loads(body)["messageId"])
        names.append(json.loads(body).get("event", call))
    assert names == [
        "page",
        "Product Viewed",
        "Product List Viewed",
        "Products Searched",
        "Product Added",
        "Product Removed",
        "Cart Viewed",
        "Checkout Started",
        "identify",
        "Payment Info Entered",
        "Order Completed",
    ]
    assert len(ids) == len(names)
