"""Tables of the assignments."""

from django.db import models
from django.db.models import Q


class Exposure(models.Model):
    """One person's arm in one experiment, written at first exposure and never changed."""

    experiment_key = models.TextField()
    customer_id = models.BigIntegerField()
    arm = models.TextField()
    salt = models.TextField()
    holdout_percent = models.DecimalField(max_digits=8, decimal_places=5)
    exposed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["experiment_key", "customer_id"], name="experiments_exposure_once"),
            models.CheckConstraint(condition=Q(arm__in=["treated", "holdout"]), name="experiments_exposure_arm"),
        ]


class Settings(models.Model):
    """The one row with the global holdout; no row means none."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    global_holdout_percent = models.DecimalField(max_digits=8, decimal_places=5)
    global_salt = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="experiments_settings_single"),
            models.CheckConstraint(
                condition=Q(global_holdout_percent__gte=0, global_holdout_percent__lte=100),
                name="experiments_settings_percent",
            ),
        ]
