"""The steps of an incremental refresh as recipes: the same text each time; what differs is noted in the lake."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from kembali.insight.contracts import TRAIT_COLUMNS, TRAITS
from kembali.insight.gaps import known_before, with_gaps
from kembali.insight.prior import SUM_COLUMNS, month_sums, priors
from kembali.insight.traits import traits_of
from kembali.lake.api import Lake, Manifest

SUMS_TABLE = "insight_sums"
POINTS_TABLE = "insight_points"
CUSTOMERS_TABLE = "insight_customers"
OLD_SUMS_TABLE = "insight_old_sums"


@dataclass(frozen=True, slots=True)
class Steps:
    """Reads what is noted as `at`, `former_at`, `since_xid` and `last_month`, and the tables made before each step."""

    lake: Lake
    former: Manifest

    def to_sums(self) -> Mapping[str, Callable[[], ir.Table]]:
        """Return the steps up to the month sums, in order, by the name of the table each makes."""
        return {
            "insight_changed_rows": self._changed_rows,
            "insight_moved_rows": self._moved_rows,
            "insight_changed": self._changed,
            "insight_purchases": self._purchases,
            "insight_gaps": self._gaps,
            "insight_old_gaps": self._old_gaps,
            SUMS_TABLE: self._sums,
            "insight_months": self._months,
        }

    def known(self) -> ir.Table:
        """Return the purchases known now."""
        return known_before(self.lake.table("purchases"), as_of=self.lake.noted("at"))

    def moved_months(self) -> ir.Table:
        """Return the months up to the last refresh's whose prior is not what it was."""
        months = self.lake.table("insight_months")
        old, new = (priors(self.lake.table(name), months) for name in (OLD_SUMS_TABLE, SUMS_TABLE))
        return months.anti_join(old.intersect(new), "month")

    def recent(self, ids: str) -> ir.Table:
        """Return the trait rows of `CUSTOMERS_TABLE`, and a dead one for who is in table `ids` only."""
        customers, points = self.lake.table(CUSTOMERS_TABLE), self.lake.table(POINTS_TABLE)
        prior = priors(self.lake.table(SUMS_TABLE), customers.select("month").distinct())
        rows = traits_of(customers, prior, points, as_of=self.lake.noted("at"))
        everyone = self.lake.table(ids).left_join(rows, "customer_id")
        return everyone.mutate(is_live=everyone.customer_id_right.notnull()).drop("customer_id_right")

    def rows(self) -> ir.Table:
        """Return the trait rows to be stored."""
        recent = self.lake.table(TRAITS.recent)
        return recent.filter(recent.is_live).select(*TRAIT_COLUMNS).order_by("customer_id")

    def _before(self) -> ir.Table:
        past = self.lake.past_table("purchases", self.former)
        return known_before(past, as_of=self.lake.noted("former_at"))

    def _changed_rows(self) -> ir.Table:
        return self.lake.changed_rows("purchases", self.former).select("order_id", "customer_id")

    def _moved_rows(self) -> ir.Table:
        """Return the changed rows as they were at the last refresh."""
        return self._before().semi_join(self.lake.table("insight_changed_rows"), "order_id")

    def _changed(self) -> ir.Table:
        """Customers with purchases that changed, were placed since the last refresh, or belonged to somebody else."""
        rows, now = self.lake.table("insight_changed_rows"), self.known()
        owners = rows.select("customer_id").filter(rows.customer_id.notnull())
        moved = self.lake.table("insight_moved_rows").select("customer_id")
        grown = now.filter(now.placed_at >= self.lake.noted("former_at")).select("customer_id")
        return owners.union(moved).union(grown).distinct()

    def _purchases(self) -> ir.Table:
        return self.known().semi_join(self.lake.table("insight_changed"), "customer_id")

    def _gaps(self) -> ir.Table:
        return with_gaps(self.lake.table("insight_purchases"))

    def _old_gaps(self) -> ir.Table:
        """Return the gaps as they were: all purchases are read once, and most are what they were."""
        now = self.lake.table("insight_purchases")
        same = now.anti_join(self.lake.table("insight_changed_rows"), "order_id")
        same = same.filter(same.placed_at < self.lake.noted("former_at"))
        moved = self.lake.table("insight_moved_rows")
        return with_gaps(same.union(moved.select(*same.columns)))

    def _sums(self) -> ir.Table:
        """Return the month sums without the changed customers' old gaps and with their new ones."""
        old = self.lake.table(OLD_SUMS_TABLE)
        less, more = (month_sums(self.lake.table(name)) for name in ("insight_old_gaps", "insight_gaps"))
        taken = less.mutate(**{name: -less[name] for name in SUM_COLUMNS})
        everything = old.union(taken.select(*old.columns)).union(more.select(*old.columns))
        return everything.group_by("month").aggregate(
            **{name: everything[name].sum().cast("int64") for name in SUM_COLUMNS}
        )

    def _months(self) -> ir.Table:
        old, new = self.lake.table(OLD_SUMS_TABLE), self.lake.table(SUMS_TABLE)
        months = old.select("month").union(new.select("month")).distinct()
        return months.filter(months.month <= self.lake.noted("last_month"))
