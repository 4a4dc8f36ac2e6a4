"""Tables of sending: requests with their state and receipt, the built-in mailbox, the shop's policy."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

_WAITING = Q(state__in=["requested", "deferred"])
_COUNTS = Q(state__in=["handing_over", "sent", "unknown", "would_send"])


class Send(models.Model):
    """One request and what became of it. Holds ids and variables, no personal data.

    `fence` rises whenever a worker takes the request: only the latest taker may begin or settle it. `lease_until` is
    database time, everything else business time. `wire_outcome` is what the provider answered, kept before the state
    and its fact are committed together.
    """

    send_key = models.TextField(unique=True)
    customer_id = models.BigIntegerField()
    purpose = models.TextField()
    channels = ArrayField(models.TextField())
    channel = models.TextField()
    template = models.TextField()
    variables = models.JSONField()
    flow = models.TextField()
    version = models.IntegerField()
    step = models.TextField()
    enrolment_id = models.BigIntegerField(null=True)
    holdout = models.BooleanField()
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    state = models.TextField(default="requested")
    ready_at = models.DateTimeField()
    reason = models.TextField(default="")
    gates = models.JSONField(default=list)
    decided_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    attempt_count = models.SmallIntegerField(default=0)
    fence = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    wire_outcome = models.JSONField(null=True)

    class Meta:
        db_table = "messages_send"
        indexes = [
            models.Index(fields=["holdout", "ready_at", "id"], name="messages_send_due", condition=_WAITING),
            models.Index(fields=["lease_until"], name="messages_send_lease", condition=Q(state="handing_over")),
            models.Index(fields=["customer_id", "began_at"], name="messages_send_contacts", condition=_COUNTS),
            models.Index(fields=["customer_id", "-id"], name="messages_send_customer"),
            models.Index(fields=["enrolment_id"], name="messages_send_enrolment", condition=_WAITING),
            models.Index(fields=["flow", "state"], name="messages_send_flow"),
            models.Index(fields=["-id"], name="messages_send_unknown", condition=Q(state="unknown")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "requested",
                        "deferred",
                        "withheld",
                        "would_send",
                        "handing_over",
                        "sent",
                        "failed",
                        "unknown",
                        "expired",
                        "cancelled",
                    ]
                ),
                name="messages_send_state",
            ),
            models.CheckConstraint(
                condition=~Q(holdout=True) | ~Q(state__in=["handing_over", "sent", "failed", "unknown"]),
                name="messages_send_holdout_never_goes",
            ),
        ]


class Mail(models.Model):
    """One mail in the built-in mailbox: SIMULATED, it never left this machine. Personal data."""

    send = models.OneToOneField(Send, on_delete=models.RESTRICT)
    to_email = models.TextField()
    to_name = models.TextField()
    from_line = models.TextField()
    reply_to = models.TextField()
    subject = models.TextField()
    headers = models.JSONField()
    html = models.TextField()
    text = models.TextField()
    sent_at = models.DateTimeField()

    class Meta:
        db_table = "messages_mail"
        indexes = [models.Index(fields=["-sent_at", "-id"], name="messages_mail_newest")]


class Policy(models.Model):
    """The one row of what the shop decided about sending; no row means the preset."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    quiet_from = models.TimeField()
    quiet_until = models.TimeField()
    caps = models.JSONField()
    reply_to = models.TextField(default="")
    shop_url = models.TextField(default="")

    class Meta:
        db_table = "messages_policy"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="messages_policy_single")]
