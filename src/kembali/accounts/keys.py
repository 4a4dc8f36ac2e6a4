"""Keys of programs: made with scopes, listed, replaced, withdrawn, recognised."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from kembali.accounts.door import digest_of
from kembali.accounts.errors import BadScope, BadSource, KeyNotFound, KeyNotUsable
from kembali.accounts.models import Key
from kembali.kernel.names import SHORT_NAME_HINT, is_short_name

TRACK = "track"
SCOPES = (
    TRACK,
    "read:customers",
    "write:customers",
    "read:orders",
    "write:orders",
    "read:products",
    "write:products",
    "read:facts",
    "write:facts",
    "admin:webhooks",
)
"""What a key may be allowed, in the order in which it is shown. A write scope reads nothing."""

OVERLAP = timedelta(hours=24)
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as a person may see it: `public_token` is None for a secret one, which was shown when it was made."""

    id: int
    source: str
    public_token: str | None
    created_at: datetime
    revoked_at: datetime | None
    scopes: tuple[str, ...] = (TRACK,)
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A secret key that was recognised: what its facts come from, and what it may."""

    id: int
    source: str
    scopes: frozenset[str]


def create_key(source: str, *, is_public: bool, at: datetime, scopes: Sequence[str] = (TRACK,)) -> str:
    """Return the token of a new key. A secret one cannot be shown again: only its hash is stored.

    Several keys may have one source: a new one first, then the old one withdrawn, and nothing sent meanwhile is lost.

    Args:
        source: a short name of the sender, such as `site`: lower-case letters, digits, - and _.
        scopes: some of `SCOPES`; a public key may only track.

    Raises:
        BadScope: there is no such scope, none at all, or not for a public key.
        BadSource: that is no such name.
    """
    if not is_short_name(source):
        raise BadSource(f"“{source}” is not a name for a source.", hint=SHORT_NAME_HINT)
    wanted = _checked(scopes, is_public=is_public)
    token = f"{'pk' if is_public else 'sk'}_{secrets.token_urlsafe(32)}"
    Key.objects.create(
        source=source,
        scopes=wanted,
        public_token=token if is_public else None,
        token_sha256=digest_of(token),
        created_at=at,
    )
    return token


def rotate_key(key_id: int, *, at: datetime, overlap: timedelta = OVERLAP) -> str:
    """Return the token of a key of the same source and scopes; the old one expires after `overlap`.

    Raises:
        KeyNotFound: there is no such key, or it opens nothing any more.
    """
    with transaction.atomic():
        old = Key.objects.select_for_update().filter(_is_open(at), id=key_id).first()
        if old is None:
            raise KeyNotFound(f"There is no open key {key_id}.", hint="kembali keys list shows all.")
        token = create_key(old.source, is_public=old.public_token is not None, at=at, scopes=old.scopes)
        ends = at + overlap
        old.expires_at = min(old.expires_at, ends) if old.expires_at else ends
        old.save(update_fields=["expires_at"])
    return token


def revoke_key(key_id: int, *, at: datetime) -> None:
    """Let a key open nothing any more, within seconds. Doing it twice changes nothing.

    Raises:
        KeyNotFound: there is no such key.
    """
    if not Key.objects.filter(id=key_id).exists():
        raise KeyNotFound(f"There is no key {key_id}.", hint="kembali keys list shows all.")
    Key.objects.filter(id=key_id, revoked_at__isnull=True).update(revoked_at=at)


def recognise(token: str, *, at: datetime) -> ApiKey:
    """Return the secret key a token is. That it was used is noted once a minute.

    Raises:
        KeyNotUsable: it opens nothing here.
    """
    found = Key.objects.filter(_is_open(at), token_sha256=digest_of(token), public_token__isnull=True).first()
    if found is None:
        raise KeyNotUsable("This key opens nothing here.", hint="Send a secret key: Authorization: Bearer sk_…")
    if found.last_used_at is None or at - found.last_used_at >= _NOTED_EVERY:
        Key.objects.filter(id=found.pk).update(last_used_at=at)
    return ApiKey(found.pk, found.source, frozenset(found.scopes))


def list_keys() -> list[KeyView]:
    """Every key ever made, oldest first."""
    return [
        KeyView(
            key.pk,
            key.source,
            key.public_token,
            key.created_at,
            key.revoked_at,
            tuple(key.scopes),
            key.expires_at,
            key.last_used_at,
        )
        for key in Key.objects.order_by("id")
    ]


def _is_open(at: datetime) -> Q:
    return Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=at))


def _checked(scopes: Collection[str], *, is_public: bool) -> list[str]:
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        named = f"There is no scope “{unknown[0][:60]}”." if unknown else "A key without a scope opens nothing."
        raise BadScope(named, hint=f"Choose from {', '.join(SCOPES)}.")
    if is_public and set(scopes) != {TRACK}:
        raise BadScope("A public key may only track: everybody can read it.", hint="Make a secret key for the rest.")
    return [one for one in SCOPES if one in set(scopes)]
