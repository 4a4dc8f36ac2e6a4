"""Change assignments: expose people once, set the global holdout."""

from collections.abc import Sequence
from datetime import datetime

from kembali.experiments.contracts import GLOBAL_EXPERIMENT, Arm, Percent
from kembali.experiments.models import Settings
from kembali.experiments.queries import global_holdout, list_exposures
from kembali.experiments.rules import arm_of, earliest_by_person, holdout_threshold
from kembali.infra.database import one_transaction
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop

_STORE = """
INSERT INTO experiments_exposure (experiment_key, customer_id, arm, salt, holdout_percent, exposed_at)
SELECT %s, customer_id, arm, %s, %s, %s
FROM unnest(%s::bigint[], %s::text[]) AS incoming (customer_id, arm)
ORDER BY customer_id
ON CONFLICT (experiment_key, customer_id) DO NOTHING
"""


def expose_many(
    experiment_key: str, customer_ids: Sequence[CustomerId], *, holdout_percent: Percent, salt: str, at: datetime
) -> dict[CustomerId, Arm]:
    """Return everybody's arm, storing it where this is their first exposure. Sticky: what is stored wins.

    Somebody exposed before under another id of theirs (a merge) keeps that arm; new people get the hash of their root
    id, so that two ids of one person never part. Joins the caller's transaction.

    Raises:
        BadHoldout: the share is not between 0 and 100.
    """
    holdout_threshold(holdout_percent)
    asked = sorted(set(customer_ids))
    arms: dict[CustomerId, Arm] = {each.customer_id: each.arm for each in list_exposures(experiment_key, asked)}
    new = [customer_id for customer_id in asked if customer_id not in arms]
    if not new:
        return arms
    fresh = _arms_for_new(experiment_key, new, holdout_percent, salt)
    with one_transaction() as cursor:
        cursor.execute(_STORE, (experiment_key, salt, str(holdout_percent), at, new, [fresh[each] for each in new]))
    return arms | {each.customer_id: each.arm for each in list_exposures(experiment_key, new)}


def _arms_for_new(
    experiment_key: str, new: Sequence[CustomerId], holdout_percent: Percent, salt: str
) -> dict[CustomerId, Arm]:
    roots = shop.root_of(new)
    members = shop.members_of(new)
    person_of = {
        member: roots.get(customer_id, customer_id) for customer_id in new for member in members.get(customer_id, ())
    }
    known = earliest_by_person(
        (person_of[exposure.customer_id], exposure) for exposure in list_exposures(experiment_key, person_of)
    )
    arms: dict[CustomerId, Arm] = {}
    for customer_id in new:
        person = roots.get(customer_id, customer_id)
        arms[customer_id] = known[person].arm if person in known else arm_of(salt, person, holdout_percent)
    return arms


def set_global_holdout(*, holdout_percent: Percent, salt: str, at: datetime) -> None:
    """Set the shop-wide holdout. People already assigned keep their arm; 0 percent switches it off for everybody.

    Raises:
        BadHoldout: the share is not between 0 and 100.
    """
    holdout_threshold(holdout_percent)
    Settings.objects.update_or_create(
        id=1,
        defaults={"global_holdout_percent": str(holdout_percent), "global_salt": salt, "changed_at": at},
    )


def globally_held_out(customer_ids: Sequence[CustomerId], *, at: datetime) -> set[CustomerId]:
    """Return who of these gets no marketing at all; exposes them, so that the answer stays the same for good."""
    settings = global_holdout()
    if not settings.holdout_percent:
        return set()
    arms = expose_many(
        GLOBAL_EXPERIMENT, customer_ids, holdout_percent=settings.holdout_percent, salt=settings.salt, at=at
    )
    return {customer_id for customer_id, arm in arms.items() if arm == "holdout"}
