"""Tables of what goes on to other programs. They hold numbers of facts, never what a fact says."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Endpoint(models.Model):
    """Who is told of facts. Secrets are sealed; the former one signs along until `former_until`.

    `failing_since` and `failure_count` begin with the first failure after a success; `rests_until` lets one that is
    down alone for a while.
    """

    url = models.TextField()
    description = models.TextField(default="")
    kinds = ArrayField(models.TextField(), default=list)
    with_history = models.BooleanField(default=False)
    secret_sealed = models.TextField()
    former_sealed = models.TextField(default="")
    former_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_why = models.TextField(default="")
    failing_since = models.DateTimeField(null=True)
    failure_count = models.IntegerField(default=0)
    rests_until = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)


class Delivery(models.Model):
    """One fact for one endpoint; a test has no fact. `fence` rises with each taking; `lease_until` is database time."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE)
    fact_seq = models.BigIntegerField(null=True)
    kind = models.TextField()
    state = models.TextField(default="waiting")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    is_replay = models.BooleanField(default=False)
    attempt_count = models.IntegerField(default=0)
    fence = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "fact_seq"], name="relay_delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "delivered", "failed"]), name="relay_delivery_state"
            ),
        ]
        indexes = [
            # What is new goes before what is replayed.
            models.Index(
                fields=["endpoint", "is_replay", "due_at", "id"],
                name="relay_delivery_due",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["endpoint", "-id"], name="relay_delivery_newest"),
            models.Index(fields=["made_at"], name="relay_delivery_age"),
        ]


class Attempt(models.Model):
    """One call and what came back."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE)
    number = models.IntegerField()
    at = models.DateTimeField()
    duration_ms = models.IntegerField()
    status = models.IntegerField(null=True)
    problem = models.TextField(default="")
    answer = models.TextField(default="")


class Replay(models.Model):
    """A time range to send once more; `position` is the last fact that was looked at."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE)
    since = models.DateTimeField()
    until = models.DateTimeField()
    position = models.BigIntegerField(default=0)
    queued_count = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
