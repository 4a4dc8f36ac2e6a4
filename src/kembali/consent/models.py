"""Tables of permissions and their proof."""

from django.db import models
from django.db.models import Q


class Record(models.Model):
    """One statement with its proof. Append-only: the database refuses UPDATE and DELETE (see the migration)."""

    customer_id = models.BigIntegerField()
    channel = models.TextField()
    purpose = models.TextField()
    state = models.TextField()
    basis = models.TextField()
    wording = models.TextField()
    language = models.TextField()
    source = models.TextField()
    evidence = models.JSONField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer_id", "occurred_at"], name="consent_record_customer")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["given", "pending", "not_given", "withdrawn"]), name="consent_state"
            )
        ]


class Current(models.Model):
    """What holds now for one id, channel and purpose; follows from the records, kept for the gate."""

    customer_id = models.BigIntegerField()
    channel = models.TextField()
    purpose = models.TextField()
    state = models.TextField()
    basis = models.TextField()
    since = models.DateTimeField()
    confirmed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "channel", "purpose"], name="consent_current_once")
        ]


class Suppression(models.Model):
    """An address that must not be written to, as a keyed hash. An opt-in lifts an unsubscription, nothing else."""

    channel = models.TextField()
    address_hmac = models.BinaryField(max_length=32)
    reason = models.TextField()
    source = models.TextField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "address_hmac", "reason"], name="consent_suppression_once"),
            models.CheckConstraint(
                condition=Q(reason__in=["unsubscribe", "bounce", "complaint", "manual"]), name="consent_suppression_why"
            ),
        ]
