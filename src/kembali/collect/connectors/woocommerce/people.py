"""Whose an order is, and accounts of WooCommerce → `customer.profile`."""

from kembali.collect.connectors.woocommerce.shapes import Address, BadShopData, Customer, Order, instant_of, text_of
from kembali.collect.contracts import NewFact
from kembali.collect.payloads import CustomerSaid, version_id

_STAFF = frozenset({"administrator", "shop_manager", "editor", "author", "contributor"})
_LONGEST = 200  # of an identifier: an index stands over them


def customer_ref(source: str, customer_id: int) -> str | None:
    """Return an account's number with the name of its shop before it; None for a guest (0)."""
    return f"{source}:{customer_id}" if customer_id > 0 else None


def identifiers_of(order: Order, *, source: str) -> dict[str, str]:
    """Return whose an order is: the account, where there is one, and the address that was typed."""
    return _identifiers(customer_ref(source, order.customer_id), order.billing)


def billed(order: Order, *, source: str) -> CustomerSaid:
    """Return what an order says about its buyer."""
    return _said(customer_ref(source, order.customer_id), order.billing, order.shipping)


def profile_of(customer: Customer, *, source: str) -> NewFact | None:
    """Return an account as a fact; None for the shop's staff, who have accounts in the same list.

    Raises:
        BadShopData: it does not say when it was made or changed.
    """
    if customer.role in _STAFF and not customer.is_paying_customer:
        return None
    ref = customer_ref(source, customer.id)
    own = Address(
        first_name=text_of(customer.first_name) or customer.billing.first_name,
        last_name=text_of(customer.last_name) or customer.billing.last_name,
        city=customer.billing.city,
        country=customer.billing.country,
        email=text_of(customer.email) or customer.billing.email,
        phone=customer.billing.phone,
    )
    said = _said(ref, own, customer.shipping)
    at = instant_of(customer.date_modified_gmt) or instant_of(customer.date_created_gmt)
    if at is None:
        raise BadShopData(f"Account {customer.id} does not say when it was made (date_created_gmt).")
    return NewFact(
        source=source,
        message_id=version_id(f"customer:{customer.id}:{at:%Y%m%dT%H%M%S}", said),  # changed back is news again
        kind="customer.profile",
        occurred_at=at,
        payload=said,
        identifiers=_identifiers(ref, own),
    )


def _said(ref: str | None, address: Address, shipping: Address) -> CustomerSaid:
    return CustomerSaid(
        customer_ref=ref,
        email=text_of(address.email),
        phone=text_of(address.phone),
        first_name=text_of(address.first_name) or text_of(shipping.first_name),
        last_name=text_of(address.last_name) or text_of(shipping.last_name),
        country=text_of(shipping.country) or text_of(address.country),
        city=text_of(shipping.city) or text_of(address.city),
    )


def _identifiers(ref: str | None, address: Address) -> dict[str, str]:
    named = {"customer_ref": ref, "email": text_of(address.email), "phone": text_of(address.phone)}
    return {kind: value for kind, value in named.items() if value and len(value) <= _LONGEST}
