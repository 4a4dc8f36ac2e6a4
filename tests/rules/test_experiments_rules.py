"""Assignment is a pure hash: published digests, exact thresholds, shares that hold."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kembali.experiments.errors import BadHoldout
from kembali.experiments.rules import arm_of, assignment_hash, holdout_threshold
from kembali.kernel.ids import CustomerId


def test_the_hash_is_md5_of_salt_colon_id() -> None:
    assert assignment_hash("win_back", CustomerId(17850)) == "864a2facf4c14e1d3409597ef47c9ae2"
    assert assignment_hash("", CustomerId(0)) == "1a9d5db22c73a993ff0b42f64b396873"


@pytest.mark.parametrize(
    ("percent", "threshold"),
    [
        (0, "0" * 32),
        (50, "8" + "0" * 31),
        (25, "4" + "0" * 31),
        (Decimal("12.5"), "2" + "0" * 31),
        (10, "1" + "9" * 31),
        (100, "g"),
    ],
)
def test_a_threshold_is_the_share_of_all_hashes(percent: int | Decimal, threshold: str) -> None:
    assert holdout_threshold(percent) == threshold


@pytest.mark.parametrize("percent", [-1, 100.5, Decimal("1000")])
def test_a_share_outside_0_to_100_is_refused(percent: float | Decimal) -> None:
    with pytest.raises(BadHoldout):
        holdout_threshold(percent)


@given(st.text(max_size=20), st.integers(0, 2**62))
def test_nobody_is_held_out_at_0_and_everybody_at_100(salt: str, number: int) -> None:
    assert arm_of(salt, CustomerId(number), 0) == "treated"
    assert arm_of(salt, CustomerId(number), 100) == "holdout"


@given(st.integers(0, 2**62), st.integers(0, 100), st.integers(0, 100))
def test_a_larger_holdout_contains_the_smaller_one(number: int, one: int, other: int) -> None:
    small, large = sorted((one, other))
    if arm_of("s", CustomerId(number), small) == "holdout":
        assert arm_of("s", CustomerId(number), large) == "holdout"


def test_the_share_held_out_is_the_one_asked_for() -> None:
    # 20,000 people at 20 %: four standard errors are 1.13 points.
    held_out = sum(arm_of("win_back", CustomerId(number), 20) == "holdout" for number in range(20_000))
    assert abs(held_out / 20_000 - 0.20) < 0.0113
