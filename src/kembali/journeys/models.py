"""Tables of flows, of the people on them, and of every decision made about them."""

from django.db import models


class Flow(models.Model):
    """A flow of the shop. Only facts later than `live_since` trigger it."""

    class State(models.TextChoices):
        """Whether new people enter. Those inside go on in either state."""

        LIVE = "live"
        PAUSED = "paused"

    key = models.TextField(unique=True)
    state = models.TextField(choices=State.choices)
    launched_at = models.DateTimeField()
    live_since = models.DateTimeField()
    version_number = models.IntegerField()


class FlowVersion(models.Model):
    """What a flow said between two edits: never changed, since people are on it."""

    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    content_hash = models.TextField()
    source_yaml = models.TextField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["flow", "number"], name="journeys_version_number"),
            models.UniqueConstraint(fields=["flow", "content_hash"], name="journeys_version_content"),
        ]


class Enrolment(models.Model):
    """One person's stay in a flow, on one version, in one arm.

    `customer_id` is who they were when they entered and stays; `root_id` follows merges. `entered_at` is the instant of
    the trigger, not of the bookkeeping.
    """

    class State(models.TextChoices):
        """`ready` at the step, `waiting` in it until `due_at`, or gone."""

        READY = "ready"
        WAITING = "waiting"
        ENDED = "ended"

    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="enrolments", db_index=False)
    version = models.ForeignKey(FlowVersion, on_delete=models.PROTECT, related_name="+")
    customer_id = models.BigIntegerField()
    root_id = models.BigIntegerField()
    occurrence_key = models.TextField()
    arm = models.TextField()
    entered_at = models.DateTimeField()
    state = models.TextField(choices=State.choices)
    step = models.TextField(null=True)
    due_at = models.DateTimeField(null=True)
    goal_until_at = models.DateTimeField()
    ordered_at = models.DateTimeField(null=True)
    goal_reached_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["flow", "customer_id", "occurrence_key"], name="journeys_enrolment_once"),
            models.CheckConstraint(
                condition=models.Q(arm__in=["treated", "holdout"]), name="journeys_enrolment_arm_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="ended", step__isnull=True, due_at__isnull=True, ended_at__isnull=False)
                | models.Q(
                    state__in=["ready", "waiting"], step__isnull=False, due_at__isnull=False, ended_at__isnull=True
                ),
                name="journeys_enrolment_inside_or_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="journeys_enrolment_due", condition=~models.Q(state="ended")),
            models.Index(fields=["root_id"], name="journeys_enrolment_root"),
            models.Index(fields=["flow", "entered_at"], name="journeys_enrolment_entered"),
            models.Index(
                fields=["flow", "step", "id"], name="journeys_enrolment_step", condition=~models.Q(state="ended")
            ),
        ]


class RecentPurchase(models.Model):
    """Purchases told in the last days, kept no longer than the widest trigger window.

    Whoever a trigger calls for may have bought between the trigger's instant and the moment we hear of it.
    """

    root_id = models.BigIntegerField()
    placed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["root_id", "placed_at"], name="journeys_recent_once")]
        indexes = [models.Index(fields=["placed_at"], name="journeys_recent_placed")]


class ToldLate(models.Model):
    """People of whom old orders were told lately: until `told_at`, what they are said to have done is history.

    Importing years of orders computes who went idle when; nobody could have acted on it at the time.
    """

    root_id = models.BigIntegerField(primary_key=True)
    told_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["told_at"], name="journeys_told_late_at")]


class Decision(models.Model):
    """One receipt: what was decided about a person, where, when, and on what it rested. Append-only.

    Without an enrolment: they were not let in, and `reason` says why.
    """

    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="+", db_index=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, related_name="decisions")
    customer_id = models.BigIntegerField()
    step = models.TextField()
    decision = models.TextField()
    at = models.DateTimeField()
    reason = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["customer_id", "id"], name="journeys_decision_customer"),
            models.Index(fields=["flow", "step", "decision"], name="journeys_decision_step"),
        ]
