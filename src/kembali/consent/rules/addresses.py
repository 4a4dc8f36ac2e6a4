"""Addresses as the suppression list knows them: a keyed hash, so that the list itself holds no personal data."""

import hashlib
import hmac


def normalise_email(email: str) -> str:
    """Return the form under which two spellings of one address are the same."""
    return email.strip().casefold()


def address_hmac(key: bytes, email: str) -> bytes:
    """Return the 32 bytes under which an address is suppressed."""
    return hmac.digest(key, normalise_email(email).encode(), hashlib.sha256)


def mask_email(email: str) -> str:
    """Return such as `a…@example.com`: enough for its owner to recognise, too little for anybody else."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain}" if domain else "…"
