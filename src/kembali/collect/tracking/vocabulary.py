"""The names of Segment's e-commerce events: those of version 2, and by which others they go."""

COMPLETED, UPDATED = "Order Completed", "Order Updated"
REFUNDED, CANCELLED = "Order Refunded", "Order Cancelled"
ORDER_EVENTS = frozenset({COMPLETED, UPDATED, REFUNDED, CANCELLED})

_NAMES = (
    "Products Searched", "Product List Viewed", "Product List Filtered", "Promotion Viewed", "Promotion Clicked",
    "Product Clicked", "Product Viewed", "Product Added", "Product Removed", "Cart Viewed", "Checkout Started",
    "Checkout Step Viewed", "Checkout Step Completed", "Payment Info Entered", COMPLETED, UPDATED, REFUNDED, CANCELLED,
    "Coupon Entered", "Coupon Applied", "Coupon Denied", "Coupon Removed", "Product Added to Wishlist",
    "Product Removed from Wishlist", "Wishlist Product Added to Cart", "Product Shared", "Cart Shared",
    "Product Reviewed",
)  # fmt: skip
_OLD_NAMES = {
    "completed order": COMPLETED,
    "updated order": UPDATED,
    "refunded order": REFUNDED,
    "cancelled order": CANCELLED,
    "canceled order": CANCELLED,
    "order canceled": CANCELLED,
    "viewed product": "Product Viewed",
    "clicked product": "Product Clicked",
    "added product": "Product Added",
    "removed product": "Product Removed",
    "viewed product category": "Product List Viewed",
    "product category viewed": "Product List Viewed",
    "searched products": "Products Searched",
    "viewed cart": "Cart Viewed",
    "started checkout": "Checkout Started",
    "viewed checkout step": "Checkout Step Viewed",
    "completed checkout step": "Checkout Step Completed",
    "viewed promotion": "Promotion Viewed",
    "clicked promotion": "Promotion Clicked",
}
_BY_WORD = {name.casefold(): name for name in _NAMES} | _OLD_NAMES


def commerce_name(event: str) -> str | None:
    """Return the present name of an e-commerce event, however it is written; None for any other event."""
    return _BY_WORD.get(" ".join(event.replace("_", " ").split()).casefold())
