"""Random histories in random orders, repeated, cut, with gaps that the platform fills: always the same state.

A history is folded as it happened, then again and again in another order: some facts twice, in batches of any size, or
with webhooks lost and the platform asked in the end. Every time `shop.state_hash` must be the same. The sabotages put
mistakes into the fold that people make, and are found.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from random import Random
from types import ModuleType

import pytest
from django.db import transaction

from kembali.collect import api as collect
from kembali.collect.contracts import Fact
from kembali.shop import api as shop
from kembali.shop.services import carrying, folding, listings, noting, ordering
from kembali.shop.services.incoming import Incoming
from tests.makers.histories import History, as_facts, random_history
from tests.makers.orders import DAY, START

AT = START + 2000 * DAY
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop() -> None:
    shop.set_up_shop(name="Lantern & Co", currency="GBP", time_zone="Europe/London")


class _Undone(Exception):
    """Ends a run without a trace."""


def hash_of(parts: Sequence[Sequence[Fact]]) -> str:
    """Fold these parts, one batch each, into an empty shop; return the state's hash and leave the shop empty."""
    found = ""
    try:
        with transaction.atomic():
            for number, part in enumerate(parts):
                shop.PROJECTION.handle([one for one in part if one.kind in shop.PROJECTION.kinds], AT + number * DAY)
                shop.TRACKING.handle([one for one in part if one.kind in shop.TRACKING.kinds], AT + number * DAY)
            found = shop.state_hash()
            raise _Undone
    except _Undone:
        return found


def shuffled(facts: Sequence[Fact], draw: Random) -> list[list[Fact]]:
    """The facts in another order, some of them more than once, cut into batches."""
    arrival = [*facts, *draw.choices(facts, k=draw.randrange(6))]
    draw.shuffle(arrival)
    cuts = sorted(draw.sample(range(1, len(arrival)), min(draw.choice([0, 1, 2, 4]), len(arrival) - 1)))
    return [arrival[start:end] for start, end in zip([0, *cuts], [*cuts, len(arrival)], strict=True)]


def with_gaps(history: History, draw: Random) -> list[collect.NewFact]:
    """What arrives when a third of the webhooks is lost and the platform is asked afterwards."""
    return [*(one for one in history.webhooks if draw.random() > 1 / 3), *history.others, *history.now]


def first_difference(histories: range, orders: int) -> str:
    """Return which history and order ended in another state; empty where none did."""
    for seed in histories:
        history, draw = random_history(seed), Random(seed)
        facts = as_facts(history.everything, received_at=AT)
        expected = hash_of([facts])
        for number in range(orders):
            is_whole = number % 2 == 0 or seed % 2 == 0
            arrived = facts if is_whole else as_facts(with_gaps(history, draw), received_at=AT)
            if hash_of(shuffled(arrived, draw)) != expected:
                return f"history {seed}, order {number}, {'whole' if is_whole else 'with gaps'}"
    return ""


def test_eight_histories_in_four_orders_each_end_the_same() -> None:
    assert first_difference(range(8), 4) == ""


@pytest.mark.slow
def test_five_hundred_histories_in_twenty_orders_each_end_the_same() -> None:
    assert first_difference(range(1000, 1500), 20) == ""


def _without_condition(monkeypatch: pytest.MonkeyPatch, room: ModuleType, name: str, condition: str) -> None:
    """Take the condition off the end of a statement: whatever comes last is written."""
    whole: str = getattr(room, name)
    kept, found, _ = whole.partition(f"\n{condition}")
    assert found
    monkeypatch.setattr(room, name, kept)


def _latest_arrival_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    _without_condition(monkeypatch, ordering, "_REPLACE", "WHERE (o.version_dated")
    monkeypatch.setattr(ordering, "_KNOWN", re.sub(r"\(o\.version_dated.*\)\n", "true\n", ordering._KNOWN))


def _ties_go_to_the_later_arrival(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_KNOWN", "_REPLACE"):
        text = re.sub(r', \w+\.version_id( COLLATE "C")?\)', ")", getattr(ordering, name))
        monkeypatch.setattr(ordering, name, re.sub(r"< \((i|excluded)\.version_dated", r"<= (\1.version_dated", text))


def _in_a_batch_the_last_one_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def winners(incoming: Iterable[Incoming]) -> list[Incoming]:
        return list({(one.source, one.order.order_ref): one for one in incoming}.values())

    monkeypatch.setattr(folding, "winners", winners)


def _notes_wait_for_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noting, "_has_notes", lambda cursor: False)


def _a_late_parcel_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    _without_condition(monkeypatch, carrying, "_PUT_SHIPMENTS", "WHERE excluded.version_rank")


def _a_late_product_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    _without_condition(monkeypatch, listings, "_PUT", "WHERE (p.listed_rank")


@pytest.mark.parametrize(
    "sabotage",
    [
        _latest_arrival_wins,
        _ties_go_to_the_later_arrival,
        _in_a_batch_the_last_one_counts,
        _notes_wait_for_no_order,
        _a_late_parcel_is_believed,
        _a_late_product_is_believed,
    ],
)
def test_a_sabotaged_fold_is_caught(
    sabotage: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    sabotage(monkeypatch)
    assert first_difference(range(40), 4) != ""
