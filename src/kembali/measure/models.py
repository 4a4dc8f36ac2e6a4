"""Stored proofs: computed where the analytics run, read where pages are made."""

from django.db import models


class StoredProof(models.Model):
    """The latest comparison of one flow, as `proofs.Proof` in JSON. Can be computed again at any time."""

    flow_key = models.TextField(primary_key=True)
    as_of = models.DateTimeField()
    payload = models.JSONField()


class PowerSaid(models.Model):
    """What was said before launch about what could be proven. Never changed afterwards: that is its point."""

    flow_key = models.TextField()
    version = models.IntegerField()
    said_at = models.DateTimeField()
    sentence = models.TextField()
    payload = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["flow_key", "version"], name="measure_power_said_once")]


class PlantedTruth(models.Model):
    """In a simulated shop: the true effect per person enrolled, to stand beside the measured one."""

    flow_key = models.TextField(primary_key=True)
    payload = models.JSONField()


class StoredPreview(models.Model):
    """What a flow would have met in the past: people, and what they did anyway. Said before launch."""

    flow_key = models.TextField(primary_key=True)
    as_of = models.DateTimeField()
    payload = models.JSONField()
