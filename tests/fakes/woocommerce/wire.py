"""Things as WooCommerce's REST API v3 writes them: every member it has, amounts as text, instants without a zone."""

from datetime import datetime
from decimal import Decimal
from typing import Any

_SHIPPING = Decimal("4.90")


def order(
    number: int, shown: int, lines: list[tuple[str, int, str]], *, email: str, customer_id: int, at: datetime
) -> dict[str, Any]:
    """Return an order that awaits its payment."""
    goods = sum((pieces * Decimal(price) for _, pieces, price in lines), Decimal())
    tax = (goods + _SHIPPING) / 5
    address = {
        "first_name": "Ida",
        "last_name": "Berg",
        "company": "",
        "address_1": "Kirkegata 1",
        "address_2": "",
        "city": "Bergen",
        "state": "",
        "postcode": "5003",
        "country": "NO",
        "phone": "+4755000001",
    }
    return {
        "id": number,
        "parent_id": 0,
        "status": "pending",
        "currency": "EUR",
        "version": "9.4.2",
        "prices_include_tax": False,
        **_dates("created", at),
        **_dates("modified", at),
        "discount_total": "0.00",
        "discount_tax": "0.00",
        "shipping_total": f"{_SHIPPING:.2f}",
        "shipping_tax": f"{_SHIPPING / 5:.2f}",
        "cart_tax": f"{goods / 5:.2f}",
        "total": f"{goods + _SHIPPING + tax:.2f}",
        "total_tax": f"{tax:.2f}",
        "customer_id": customer_id,
        "order_key": f"wc_order_secret{number}",
        "billing": {**address, "email": email},
        "shipping": address,
        "payment_method": "bacs",
        "payment_method_title": "Bank transfer",
        "transaction_id": "",
        "customer_ip_address": "203.0.113.7",
        "customer_user_agent": "Mozilla/5.0",
        "created_via": "checkout",
        "customer_note": "",
        "date_completed": None,
        "date_paid": None,
        "cart_hash": "9f0c2d",
        "number": str(shown),
        "meta_data": [
            {"id": 1, "key": "_wc_order_attribution_utm_source", "value": "newsletter"},
            {"id": 2, "key": "_stripe_intent_id", "value": "pi_secret"},
        ],
        "line_items": [_line(place, *line) for place, line in enumerate(lines, 1)],
        "tax_lines": [],
        "shipping_lines": [{"id": 90, "method_title": "Post", "method_id": "flat_rate", "total": f"{_SHIPPING:.2f}"}],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
        "payment_url": f"https://shop.example/checkout/order-pay/{number}/?key=wc_order_secret{number}",
        "is_editable": True,
        "needs_payment": True,
        "needs_processing": True,
        "date_completed_gmt": None,
        "date_paid_gmt": None,
        "currency_symbol": "€",
        "_links": {"self": [{"href": f"https://shop.example/wp-json/wc/v3/orders/{number}"}]},
    }


def product(number: int, name: str, price: str, *, at: datetime) -> dict[str, Any]:
    """Return a product without variations."""
    slug = name.lower().replace(" ", "-")
    return {
        "id": number,
        "name": name,
        "slug": slug,
        "permalink": f"https://shop.example/product/{slug}/",
        **_dates("created", at),
        **_dates("modified", at),
        "type": "simple",
        "status": "publish",
        "sku": f"SKU{number}",
        "global_unique_id": "",
        "price": price,
        "regular_price": price,
        "sale_price": "",
        "manage_stock": False,
        "stock_quantity": None,
        "stock_status": "instock",
        "categories": [{"id": 15, "name": "Kitchen", "slug": "kitchen"}],
        "tags": [],
        "brands": [],
        "images": [{"id": 7, "src": f"https://shop.example/{slug}.jpg"}],
        "attributes": [],
        "variations": [],
        "meta_data": [],
    }


def variation(number: int, sku: str, price: str, colour: str, *, at: datetime) -> dict[str, Any]:
    """Return one variation of a product."""
    return {
        "id": number,
        **_dates("modified", at),
        "sku": sku,
        "price": price,
        "regular_price": price,
        "sale_price": "",
        "manage_stock": True,
        "stock_quantity": 3,
        "status": "publish",
        "image": None,
        "attributes": [{"id": 1, "name": "Colour", "slug": "pa_colour", "option": colour}],
    }


def account(number: int, email: str, first_name: str, *, at: datetime) -> dict[str, Any]:
    """Return an account that has bought nothing yet."""
    empty = dict.fromkeys(("first_name", "last_name", "city", "country", "phone"), "")
    return {
        "id": number,
        **_dates("created", at),
        **_dates("modified", at),
        "email": email,
        "first_name": first_name,
        "last_name": "",
        "role": "customer",
        "username": first_name.lower(),
        "billing": {**empty, "email": ""},
        "shipping": empty,
        "is_paying_customer": False,
        "avatar_url": "",
        "meta_data": [],
    }


def _line(place: int, sku: str, pieces: int, price: str) -> dict[str, Any]:
    total = pieces * Decimal(price)
    return {
        "id": place,
        "name": sku.title(),
        "product_id": 50 + place,
        "variation_id": 0,
        "quantity": pieces,
        "tax_class": "",
        "subtotal": f"{total:.2f}",
        "subtotal_tax": f"{total / 5:.2f}",
        "total": f"{total:.2f}",
        "total_tax": f"{total / 5:.2f}",
        "taxes": [],
        "meta_data": [],
        "sku": sku,
        "price": float(price),
        "image": {"id": "", "src": ""},
        "parent_name": None,
    }


def _dates(what: str, at: datetime) -> dict[str, str]:
    stamp = at.replace(tzinfo=None).isoformat(timespec="seconds")
    return {f"date_{what}": stamp, f"date_{what}_gmt": stamp}
