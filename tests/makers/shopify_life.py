"""What happens in a Shopify shop in some hours, drawn from a seed; often several things within one second."""

from random import Random

from tests.fakes.shopify import ShopifyShop

_GOODS = (("MUG", "12.50"), ("TEA", "4.00"), ("POT", "29.90"))


def live(shop: ShopifyShop, seed: int, happenings: int) -> None:
    """Let customers sign up and change, orders be placed, paid, shipped, refunded, cancelled, products change."""
    draw = Random(seed)
    for number in range(1, 4):
        shop.customer(number)
        shop.product(number)
    for _ in range(happenings):
        shop.tick(draw.choice((0, 0, 1, 900)))
        shop.pace = draw.choice((0, 60))
        numbers = sorted(shop.orders)
        if not numbers or draw.random() < 0.3:
            lines = [(sku, draw.randint(1, 3), price) for sku, price in draw.sample(_GOODS, draw.randint(1, 3))]
            shop.order(1001 + len(numbers), lines, customer=draw.choice((None, 1, 2, 3)))
        else:
            _go_on(shop, draw.choice((numbers[-1], draw.choice(numbers))), draw)
        shop.pace = 60
        if draw.random() < 0.2:
            shop.customer(draw.randint(1, 3), first_name=draw.choice(("Ann", "Bea", "Cid")))
        if draw.random() < 0.2:
            shop.consents(draw.randint(1, 3), draw.choice(("subscribed", "unsubscribed")))
        if draw.random() < 0.2:
            shop.product(draw.randint(1, 3), price=draw.choice(("9.00", "11.00")), cost=draw.choice(("3.00", "5.00")))


def _go_on(shop: ShopifyShop, number: int, draw: Random) -> None:
    order = shop.orders[number]
    if order["cancelled_at"]:
        return
    if order["financial_status"] == "pending":
        draw.choice((shop.pay, shop.pay, shop.cancel))(number)
    elif draw.random() < 0.5:
        shop.ship(number, draw.choice((None, "in_transit", "delivered")) if order["parcels"] else None)
    elif order["financial_status"] != "refunded":
        shop.refund(number, draw.choice(("1.00", "2.50")))
