"""What happens in a WooCommerce shop in some hours, drawn from a seed."""

from random import Random

from tests.fakes.woocommerce import Site

_GOODS = (("MUG", "12.50"), ("TEA", "4.00"), ("POT", "29.90"))


def live(site: Site, seed: int, happenings: int) -> None:
    """Let orders be placed, paid, completed, refunded, cancelled, deleted and restored; often within one second."""
    draw = Random(seed)
    accounts = [site.sign_up(f"p{number}@example.com", f"P{number}") for number in range(3)]
    products = [site.stock(name, price) for name, price in _GOODS]
    for _ in range(happenings):
        site.later(draw.choice((0, 0, 0, 1, 900)))
        orders = sorted(site.orders)
        if not orders or draw.random() < 0.35:
            person = draw.choice([0, *accounts])
            lines = [(sku, draw.randint(1, 3), price) for sku, price in draw.sample(_GOODS, draw.randint(1, 3))]
            email = site.accounts[person]["email"] if person else f"guest{draw.randint(1, 4)}@example.com"
            site.place(lines, email=email, customer_id=person)
        else:
            _go_on(site, draw.choice((orders[-1], draw.choice(orders))), draw)
        if draw.random() < 0.1:
            site.later(1)
            product = site.products[draw.choice(products)]
            product["status"] = "publish" if product["status"] == "trash" else "trash"
            site.touch_product(product["id"])


def _go_on(site: Site, number: int, draw: Random) -> None:
    status = site.orders[number]["status"]
    if status == "trash":
        site.later(1)
        site.restore(number)
    elif status == "pending":
        draw.choice((site.pay, site.pay, site.cancel))(number)
    elif status in ("processing", "completed"):
        done = draw.random()
        if done < 0.4:
            site.complete(number)
        elif done < 0.8:
            site.refund(number, draw.choice(("1.00", "3.50", site.orders[number]["total"])))
        else:
            site.later(1)
            site.trash(number)
