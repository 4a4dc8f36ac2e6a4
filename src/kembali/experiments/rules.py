"""Assignment as pure functions: the same answer in Python, PostgreSQL, DuckDB and Spark, on every machine, for ever."""

import hashlib
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from kembali.experiments.contracts import Arm, Exposure, Percent
from kembali.experiments.errors import BadHoldout
from kembali.kernel.ids import CustomerId

if TYPE_CHECKING:  # Ibis is never imported in web or edge processes; a column brings its own methods
    import ibis.expr.types as ir

_HEX_DIGITS = 32
_ALL = 16**_HEX_DIGITS
# Greater than every hash, since "g" sorts after every hexadecimal digit: 100 percent needs one step beyond 32 digits.
_ABOVE_ALL = "g"


def assignment_hash(salt: str, customer_id: CustomerId) -> str:
    """Return md5("salt:id") as 32 lowercase hexadecimal digits."""
    return hashlib.md5(f"{salt}:{customer_id}".encode(), usedforsecurity=False).hexdigest()


def holdout_threshold(holdout_percent: Percent) -> str:
    """Return the text below which a hash is in the holdout: 32 hexadecimal digits, or "g" for 100 percent.

    Raises:
        BadHoldout: not between 0 and 100.
    """
    share = Fraction(str(holdout_percent)) / 100
    if not 0 <= share <= 1:
        raise BadHoldout(f"A holdout of {holdout_percent} % cannot be.", hint="Choose from 0 to 100.")
    return _ABOVE_ALL if share == 1 else f"{int(share * _ALL):0{_HEX_DIGITS}x}"


def arm_of(salt: str, customer_id: CustomerId, holdout_percent: Percent) -> Arm:
    """Return the arm the hash gives; a stored exposure, where there is one, overrules it."""
    return "holdout" if assignment_hash(salt, customer_id) < holdout_threshold(holdout_percent) else "treated"


def in_holdout(customer_id: "ir.IntegerColumn", salt: str, holdout_percent: Percent) -> "ir.BooleanValue":
    """Return the same assignment as an Ibis expression over a column of ids, for DuckDB and Spark."""
    hashed = (salt + ":" + customer_id.cast("string")).hexdigest("md5")
    inside: ir.BooleanValue = hashed < holdout_threshold(holdout_percent)
    return inside


def earliest_by_person(exposures: Iterable[tuple[CustomerId, Exposure]]) -> dict[CustomerId, Exposure]:
    """Return each person's first exposure; at the same instant the holdout comes first, then the lower id."""
    first: dict[CustomerId, Exposure] = {}
    for person, exposure in exposures:
        known = first.get(person)
        if known is None or _order(exposure) < _order(known):
            first[person] = exposure
    return first


def _order(exposure: Exposure) -> tuple[object, ...]:
    return (exposure.exposed_at, exposure.arm != "holdout", exposure.customer_id)
