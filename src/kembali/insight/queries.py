"""Read what insight has found. Loads no engine."""

from collections.abc import Mapping, Sequence

from kembali.infra.database import raw_cursor
from kembali.insight.contracts import TRAIT_COLUMNS, LastRefresh, Report, Traits
from kembali.insight.models import Report as ReportRow
from kembali.insight.models import Run, Trait
from kembali.kernel.ids import CustomerId


def traits_of(customer_ids: Sequence[CustomerId]) -> Mapping[CustomerId, Traits]:
    """Return the traits of those of the customers who have bought."""
    rows = Trait.objects.filter(customer_id__in=customer_ids).values(*TRAIT_COLUMNS)
    return {CustomerId(row["customer_id"]): Traits(**row) for row in rows}


def find_report(name: str) -> Report | None:
    """Return a shop-wide result: `cohorts`, `repeat_rate`, `time_to_second`, `again_within_90_days`, `rfm_map`."""
    row = ReportRow.objects.filter(name=name).first()
    return None if row is None else Report(row.name, row.as_of, tuple(row.payload))


def last_refresh() -> LastRefresh | None:
    """Return when insight was last refreshed, None before the first time."""
    row = Run.objects.first()
    return None if row is None else LastRefresh(row.at, row.full_at)


def yearly_worth_of(customer_ids: Sequence[CustomerId]) -> int:
    """Return what these customers spend a year while they keep their own rhythm, in minor units; once-only buyers 0."""
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(round(sum(aov_minor * 365.0 / gap_mean_days)), 0)::bigint FROM insight_trait "
            "WHERE customer_id = ANY(%s) AND gap_mean_days > 0",
            (list(customer_ids),),
        )
        row = cursor.fetchone()
        return row[0] if row else 0
