"""A shop small enough for a test and lived in enough for every page: rhythms, a journey, mails, a proof."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from kembali.collect import api as collect
from kembali.config import launching, wiring
from kembali.kernel.ids import FlowKey
from kembali.measure import api as measure
from kembali.shop import api as shop
from tests.makers.orders import DAY, START, order_fact

EVIL = "<script>alert(1)</script>"
"""What a rude person would write where a name or a title belongs."""
FLOW = FlowKey("win_back")
LAUNCHED_AT = START + 320 * DAY
NOW = START + 400 * DAY + timedelta(hours=3)
PEOPLE = 60
_IDLE = 24  # so many of them stop ordering shortly before the launch


def build() -> None:
    """Make the shop through its doors: orders, a launch, mails, later orders, a proof; its clock stands at `NOW`."""
    wiring.register()
    shop.set_up_shop(name="Ann's & Shop", currency="GBP", time_zone="Europe/London")
    collect.append_facts(list(_history()), at=LAUNCHED_AT)
    wiring.refresh(LAUNCHED_AT, full=True)
    launching.launch(FLOW, settings=settings.KEMBALI, at=LAUNCHED_AT, backlog=True)
    for hours in (1, 30, 60, 90):
        wiring.tick(LAUNCHED_AT + timedelta(hours=hours), refresh_every=timedelta(days=999))
    collect.append_facts(list(_returns()), at=NOW - DAY)
    measure.plant_truth(FLOW, {measure.Metric.ORDERED_AGAIN: 0.06})
    wiring.refresh(NOW, full=True)
    shop.set_clock_offset(NOW - timezone.now())


def _history() -> Iterator[collect.NewFact]:
    for person in range(PEOPLE):
        gap = 18 + person % 9
        last_day = 319 - (2.1 * gap if person < _IDLE else person % 7)
        count = 1 if person % 10 == 9 else 4 + person % 5
        for number in range(count):
            yield _order(person, number, last_day - number * (gap + (number % 3)))


def _returns() -> Iterator[collect.NewFact]:
    for person in range(0, _IDLE, 3):
        yield _order(person, 100, 330 + person)


def _order(person: int, number: int, day: float) -> collect.NewFact:
    lines = [(f"SKU{person % 5}", 1 + number % 3, 950 + 100 * (person % 4))]
    if person == 0:
        lines.append((f"{EVIL}", 1, 500))
    return order_fact(
        f"R{person}-{number}",
        lines,
        day=day,
        identifiers={"customer_ref": f"{1000 + person}", "email": f"p{person}@example.com"},
        customer={
            "first_name": EVIL if person == 0 else f"Name{person}",
            "last_name": "O'Neill",
            "country": "United Kingdom",
            "city": "Leeds",
            "accepts_email": person % 8 != 5,
        },
    )
