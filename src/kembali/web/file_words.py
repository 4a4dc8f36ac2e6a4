"""How the import pages call what is in files."""

from django.utils.translation import gettext


def kind_in_words(kind: str) -> str:
    """Return how a person calls what a file holds."""
    return {
        "orders": gettext("orders"),
        "customers": gettext("customers"),
        "consents": gettext("subscriptions"),
        "products": gettext("products"),
        "events": gettext("events"),
        "shipments": gettext("shipments"),
        "reviews": gettext("reviews"),
        "mended": gettext("lines that were mended"),
    }.get(kind, kind)


def facts_in_words(kind: str) -> str:
    """Return how a person calls the facts that a file makes."""
    return {
        "order.version": gettext("Orders"),
        "customer.profile": gettext("Customer profiles"),
        "consent.stated": gettext("Statements about permissions"),
        "product.version": gettext("Products"),
        "tracking.track": gettext("Events"),
        "shipment.version": gettext("Shipments"),
        "review.left": gettext("Reviews"),
    }.get(kind, kind)
