"""Segments and who was in them when."""

from django.db import models
from django.db.models import Q


class Segment(models.Model):
    """A segment's definition. `version` grows with every edit of the rule; `built_version` is the one members fit."""

    id = models.SmallAutoField(primary_key=True)
    key = models.SlugField(unique=True)
    name = models.TextField()
    question = models.TextField(default="")
    rule = models.JSONField()
    version = models.IntegerField(default=1)
    built_version = models.IntegerField(null=True)
    refreshed_at = models.DateTimeField(null=True)


class Membership(models.Model):
    """A customer was in a segment from `entered_at` until `left_at` (exclusive); null means still.

    No foreign key in the database: rows are written by the million, only for segments just read, and go with them.
    """

    pk = models.CompositePrimaryKey("customer_id", "segment_id", "entered_at")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    customer_id = models.BigIntegerField()
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "customer_id"], condition=Q(left_at__isnull=True), name="segments_membership_open"
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=models.F("entered_at")),
                name="segments_membership_forwards",
            ),
        ]
