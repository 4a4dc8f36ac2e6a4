"""What an outcome does to a request: nothing that may have had an effect goes back into the queue."""

from datetime import timedelta
from itertools import product
from typing import get_args

import pytest

from kembali.messages.contracts import Outcome, OutcomeKind, SendState
from kembali.messages.rules.outcomes import MAX_ATTEMPTS, settled_state, wait_before_retry


@pytest.mark.parametrize(
    ("state", "kind", "attempts", "settled"),
    [
        ("handing_over", "sent", 1, "sent"),
        ("handing_over", "delivered", 1, "sent"),
        ("handing_over", "failed", 1, "failed"),
        ("handing_over", "unknown", 1, "unknown"),
        ("handing_over", "retry", 1, "requested"),
        ("handing_over", "retry", MAX_ATTEMPTS, "failed"),
        ("unknown", "sent", 1, "sent"),
        ("unknown", "failed", 1, "failed"),
        ("unknown", "retry", 1, "failed"),
        ("unknown", "unknown", 1, None),
        ("sent", "failed", 1, None),
        ("requested", "sent", 1, None),
    ],
)
def test_an_outcome_settles_a_request(state: SendState, kind: OutcomeKind, attempts: int, settled: str | None) -> None:
    assert settled_state(state, Outcome(kind), attempts) == settled


def test_only_a_hand_over_that_provably_had_no_effect_is_tried_again() -> None:
    again = {
        (state, kind)
        for state, kind in product(get_args(SendState), get_args(OutcomeKind))
        if settled_state(state, Outcome(kind), 1) == "requested"
    }
    assert again == {("handing_over", "retry")}


def test_attempts_move_apart_up_to_four_hours() -> None:
    waits = [wait_before_retry(attempt) for attempt in range(1, 7)]
    assert waits == [timedelta(minutes=each) for each in (1, 4, 16, 64, 240, 240)]
