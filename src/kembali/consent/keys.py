"""The keys of this room, each derived from the home's secret for one use. A new secret forgets every suppression."""

import hashlib
import hmac
from typing import Literal

from django.conf import settings


def key_for(use: Literal["suppression", "unsubscribe"]) -> bytes:
    """Return 32 bytes that serve this one use."""
    return hmac.digest(settings.KEMBALI.secret_key.encode(), f"consent.{use}".encode(), hashlib.sha256)
