"""What people did: looked at, liked, put into a cart. The facts are those of a tracking call, in its own words.

A purchase in a list of events makes no order: the orders come from where they are kept, and would be there twice. It is
kept under a name of its own.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from kembali.collect.files.fields import amount, instant, text
from kembali.collect.files.kinds.base import Kind, Row, Said, checked, identifiers_of
from kembali.collect.files.words import Unusable, Words

PURCHASED = "Product Purchased"
_LONGEST_NAME = 200
_NAMES = {
    **dict.fromkeys(("view", "pv", "product_view", "product viewed", "viewed product", "view_item"), "Product Viewed"),
    **dict.fromkeys(("click", "product clicked", "clicked product", "select_item"), "Product Clicked"),
    **dict.fromkeys(("cart", "add_to_cart", "addtocart", "product added", "added product"), "Product Added"),
    **dict.fromkeys(("remove_from_cart", "product removed", "removed product"), "Product Removed"),
    **dict.fromkeys(("fav", "favourite", "favorite", "wishlist", "add_to_wishlist"), "Product Added to Wishlist"),
    **dict.fromkeys(("search", "products searched", "searched products", "view_search_results"), "Products Searched"),
    **dict.fromkeys(("cart viewed", "view_cart"), "Cart Viewed"),
    **dict.fromkeys(("checkout", "begin_checkout", "checkout started", "started order"), "Checkout Started"),
    **dict.fromkeys(("buy", "purchase", "order", "transaction", "order completed", "completed order"), PURCHASED),
    **dict.fromkeys(("order updated", "order refunded", "order cancelled"), PURCHASED),
}
_TEXTS = {"name": "title", "brand": "brand", "url": "url", "query": "query"}
_REFS = {"product_id": "product_ref", "sku": "sku", "category_id": "category_ref", "order_id": "order_ref"}


def _read(rows: Sequence[Row], words: Words) -> Iterator[Said]:
    row = rows[0]
    said = row.text("event")
    if said is None or len(said) > _LONGEST_NAME:
        raise Unusable("no_event")
    at = words.instant(row.text("occurred_at"))
    if at is None:
        raise Unusable("no_date")
    who = identifiers_of(row, ref_prefix=words.ref_prefix)
    if not who:
        raise Unusable("nobody")
    name = _name(said, words)
    payload: dict[str, object] = {"type": "track", "event": name, "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    payload |= {"userId": who["customer_ref"]} if "customer_ref" in who else {}
    payload |= {"anonymousId": who["anonymous_id"]} if "anonymous_id" in who else {}
    properties = _properties(row, words)
    if name == PURCHASED:
        properties["event"] = said
    payload |= {"properties": properties, "is_trusted": True, "notes": []}
    ref = row.ref("message_id") or "/".join(filter(None, (next(iter(who.values())), row.ref("session_ref"))))
    yield Said("tracking.track", checked(ref), at, who, payload)


def _name(said: str, words: Words) -> str:
    word = said.casefold()
    meant = words.words.get(word, word)
    return _NAMES.get(meant.casefold(), said)


def _properties(row: Row, words: Words) -> dict[str, object]:
    found: dict[str, object] = dict(row.extras)
    found |= {name: value for name, field in _TEXTS.items() if (value := row.text(field))}
    found |= {name: value for name, field in _REFS.items() if (value := row.ref(field))}
    if session := row.ref("session_ref"):
        found["session_id"] = session
    if category := row.text("category"):
        found["category"] = category.replace(".", "/")
    price, quantity = words.number(row.text("price"), "bad_price"), words.whole(row.text("quantity"))
    if price is not None:
        found["price"] = price.normalize() if price else Decimal(0)
        found["currency"] = words.currency_of(row.text("currency"))
    if quantity is not None:
        found["quantity"] = quantity
    return found


EVENTS = Kind(
    name="events",
    in_words="events",
    fields=(
        text("event", "what was done: view, cart, purchase or any other name"),
        instant("occurred_at", "when"),
        text("customer_ref", "customer number"),
        text("email", "customer's e-mail"),
        text("anonymous_id", "number of an unknown visitor"),
        text("message_id", "number of the event"),
        text("session_ref", "number of the visit"),
        text("product_ref", "product number"),
        text("sku", "product code"),
        text("title", "product name"),
        text("brand", "brand"),
        text("category", "category"),
        text("category_ref", "number of the category"),
        amount("price", "price of one piece"),
        amount("quantity", "pieces"),
        text("currency", "three letters"),
        text("order_ref", "order number"),
        text("url", "page"),
        text("query", "what was searched for"),
    ),
    needs=(("event",), ("occurred_at",), ("customer_ref", "email", "anonymous_id")),
    tells=(("event",), ("occurred_at",), ("customer_ref", "email", "anonymous_id")),
    read=_read,
)
