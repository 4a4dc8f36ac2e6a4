"""Read assignments."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from kembali.experiments.contracts import Exposure, GlobalHoldout
from kembali.experiments.models import Settings
from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop

_DEFAULT_SALT = "global"


def list_exposures(experiment_key: str, customer_ids: Iterable[CustomerId] | None = None) -> list[Exposure]:
    """Return the stored assignments by id; of everybody, or of some."""
    ids = None if customer_ids is None else list(customer_ids)
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT customer_id, arm, exposed_at FROM experiments_exposure WHERE experiment_key = %s "
            "AND (%s::bigint[] IS NULL OR customer_id = ANY(%s)) ORDER BY customer_id",
            (experiment_key, ids, ids),
        )
        return [Exposure(*row) for row in cursor.fetchall()]


def arms_of(experiment_key: str) -> dict[CustomerId, Exposure]:
    """Return each person's assignment under their present root id; people exposed in both arms are left out.

    See `crossed_of` for those.
    """
    people = _by_person(list_exposures(experiment_key))
    return {
        person: min(exposures, key=lambda each: (each.exposed_at, each.customer_id))
        for person, exposures in people.items()
        if len({exposure.arm for exposure in exposures}) == 1
    }


def crossed_of(experiment_key: str) -> set[CustomerId]:
    """Return the root ids of people exposed in both arms, which a merge can bring about: counted, and excluded."""
    people = _by_person(list_exposures(experiment_key))
    return {person for person, exposures in people.items() if len({each.arm for each in exposures}) > 1}


def global_holdout() -> GlobalHoldout:
    """Return the shop-wide holdout; 0 percent unless the shop has set one."""
    row = Settings.objects.filter(id=1).values_list("global_holdout_percent", "global_salt").first()
    return GlobalHoldout(Decimal(0), _DEFAULT_SALT) if row is None else GlobalHoldout(*row)


def _by_person(exposures: Sequence[Exposure]) -> dict[CustomerId, list[Exposure]]:
    roots = shop.root_of([exposure.customer_id for exposure in exposures])
    people: dict[CustomerId, list[Exposure]] = {}
    for exposure in exposures:
        people.setdefault(roots.get(exposure.customer_id, exposure.customer_id), []).append(exposure)
    return people
