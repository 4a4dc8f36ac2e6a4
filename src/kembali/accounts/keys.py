"""Keys of programs: made, listed, withdrawn."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from kembali.accounts.door import digest_of
from kembali.accounts.errors import BadSource, KeyNotFound
from kembali.accounts.models import Key

_SOURCE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as a person may see it: `public_token` is None for a secret one, which was shown when it was made."""

    id: int
    source: str
    public_token: str | None
    created_at: datetime
    revoked_at: datetime | None


def create_key(source: str, *, is_public: bool, at: datetime) -> str:
    """Return the token of a new key. A secret one cannot be shown again: only its hash is stored.

    Several keys may have one source: a new one first, then the old one withdrawn, and nothing sent meanwhile is lost.

    Args:
        source: a short name of the sender, such as `site`: lower-case letters, digits, - and _.

    Raises:
        BadSource: that is no such name.
    """
    if not _SOURCE.fullmatch(source):
        raise BadSource(f"“{source}” is not a name for a source.", hint="Use up to 40 of a-z, 0-9, - and _.")
    token = f"{'pk' if is_public else 'sk'}_{secrets.token_urlsafe(32)}"
    Key.objects.create(
        source=source,
        public_token=token if is_public else None,
        token_sha256=digest_of(token),
        created_at=at,
    )
    return token


def revoke_key(key_id: int, *, at: datetime) -> None:
    """Let a key open nothing any more, within seconds. Doing it twice changes nothing.

    Raises:
        KeyNotFound: there is no such key.
    """
    if not Key.objects.filter(id=key_id).exists():
        raise KeyNotFound(f"There is no key {key_id}.", hint="kembali keys list shows all.")
    Key.objects.filter(id=key_id, revoked_at__isnull=True).update(revoked_at=at)


def list_keys() -> list[KeyView]:
    """Every key ever made, oldest first."""
    return [
        KeyView(key.pk, key.source, key.public_token, key.created_at, key.revoked_at)
        for key in Key.objects.order_by("id")
    ]
