"""Secrets that must be read again (a shop's API secret, a webhook's signing key), sealed before they are stored.

What needs only to be recognised is hashed instead; see `accounts.door`. Loads no Django.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from kembali.kernel.errors import Unavailable


class CannotUnseal(Unavailable):
    """A stored secret was sealed with another `secret_key` than this home's."""

    code = "cannot_unseal"


def seal(secret: str, *, secret_key: str) -> str:
    """Return `secret` encrypted and authenticated (Fernet); two calls give two texts.

    Args:
        secret_key: `Settings.secret_key`; several separated by commas, the newest first, while one replaces another.
    """
    return _box(secret_key).encrypt(secret.encode()).decode()


def unseal(sealed: str, *, secret_key: str) -> str:
    """Return what was sealed.

    Raises:
        CannotUnseal: by none of these keys.
    """
    try:
        return _box(secret_key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise CannotUnseal(
            "A stored secret cannot be read with this home's secret key.",
            hint="Restore the secret-key file that belongs to this database, or enter the secret again.",
        ) from None


def _box(secret_key: str) -> MultiFernet:
    keys = [one.strip() for one in secret_key.split(",") if one.strip()]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"seal:" + key.encode()).digest())) for key in keys]
    )
