"""What the owner decided about the shop."""

from django.db import models


class Settings(models.Model):
    """The one row of what the owner decided about the shop."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.TextField()
    currency = models.CharField(max_length=3)
    time_zone = models.TextField()
    country = models.TextField(default="")  # empty: as the zone says
    placeholders = models.JSONField(default=list)
    default_margin_percent = models.DecimalField(max_digits=5, decimal_places=2)
    clock_offset = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="shop_settings_one_row")]
