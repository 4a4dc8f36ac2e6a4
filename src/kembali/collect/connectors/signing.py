"""Signatures of webhooks: base64 HMAC-SHA256 of the raw body, as Shopify and WooCommerce make them."""

import base64
import hashlib
import hmac
from collections.abc import Iterable


def signature_of(secret: str, body: bytes) -> str:
    """Return the signature of a body."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def is_signed(signature: str, body: bytes, secrets: Iterable[str]) -> bool:
    """Return whether one of these secrets made the signature. An empty secret signs nothing."""
    given = signature.strip().encode()
    return any(hmac.compare_digest(given, signature_of(one, body).encode()) for one in secrets if one)
