"""Insight's tables: one row per customer, shop-wide results, and what the last refresh knew."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    _TextLike = models.Field[str, str]
else:
    _TextLike = models.Field


class Xid8Field(_TextLike):
    """PostgreSQL's 64-bit transaction id."""

    def db_type(self, connection: object) -> str:  # noqa: ARG002 - Django's signature
        """Return the column's type."""
        return "xid8"


class Trait(models.Model):
    """What insight says about one customer; columns as in `contracts.TRAIT_COLUMNS`."""

    customer_id = models.BigIntegerField(primary_key=True)
    order_count = models.BigIntegerField()
    first_order_at = models.DateTimeField()
    last_order_at = models.DateTimeField()
    net_minor = models.BigIntegerField()
    margin_minor = models.BigIntegerField()
    aov_minor = models.BigIntegerField()
    gap_mean_days = models.FloatField(null=True)
    gap_sd_days = models.FloatField(null=True)
    expected_next_at = models.DateTimeField()
    expected_next_low_at = models.DateTimeField()
    expected_next_high_at = models.DateTimeField()
    idle_from = models.DateTimeField()
    lost_from = models.DateTimeField()
    recency_quintile = models.SmallIntegerField()
    frequency_quintile = models.SmallIntegerField()
    monetary_quintile = models.SmallIntegerField()
    rfm_group = models.TextField()
    model_version = models.TextField()
    as_of = models.DateTimeField()
    changed_xid = Xid8Field(db_default=RawSQL("pg_current_xact_id()", ()), editable=False)


class Report(models.Model):
    """A small result about the whole shop, latest only."""

    name = models.TextField(primary_key=True)
    as_of = models.DateTimeField()
    payload = models.JSONField()


class Run(models.Model):
    """The last refresh: what an incremental one continues from. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()
    full_at = models.DateTimeField()
    model_version = models.TextField()
    lake_manifest = models.JSONField()
    month_sums = models.JSONField()
    breakpoints = models.JSONField()
    last_month = models.IntegerField()
    full_month = models.IntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="insight_run_one_row")]
