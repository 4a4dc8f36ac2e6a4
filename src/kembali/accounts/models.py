"""Tables of who is let in: staff with their one-time sign-in links, and programs with their keys."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower


class StaffManager(BaseUserManager["Staff"]):
    """Staff are found by e-mail, without regard to case."""

    def get_by_natural_key(self, username: str | None) -> "Staff":
        """Return the member of staff with this address."""
        return self.get(email__iexact=username)


class Staff(AbstractBaseUser):
    """A person who may sign in. Has no usable password unless one is set."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        MARKETER = "marketer", "Marketer"
        VIEWER = "viewer", "Viewer"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.OWNER)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    objects = StaffManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_staff_email_lower")]


class SignInLink(models.Model):
    """A one-time link: 256 random bits, of which only the hash is kept."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="links")
    token_sha256 = models.BinaryField(unique=True, max_length=32)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Key(models.Model):
    """What a program shows to be let in, and the source its facts bear.

    A public key stands in every page of the shop; what it sends is not trusted. Of a secret one only the hash is kept.
    It opens what its scopes name, until it is revoked or, once another took its place, expires.
    """

    source = models.TextField()
    scopes = ArrayField(models.TextField(), db_default=["track"])
    public_token = models.TextField(null=True)
    token_sha256 = models.BinaryField(unique=True, max_length=32)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)  # to the minute, and of the HTTP API only


class Request(models.Model):
    """What a program asked under an `Idempotency-Key`, as a digest, and what it was answered, sealed."""

    key = models.ForeignKey(Key, on_delete=models.CASCADE)
    idempotency_key = models.TextField()
    digest = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    status = models.IntegerField(default=0)
    answer_sealed = models.TextField(default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "idempotency_key"], name="accounts_request_once")]
        indexes = [models.Index(fields=["made_at"], name="accounts_request_age")]
