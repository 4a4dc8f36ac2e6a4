"""Connected shops and their secrets, on any psycopg connection. Loads no Django."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg

from kembali.collect.connectors.values import Shop
from kembali.collect.rejects.rejecting import count_rejected
from kembali.infra import crypto

_OPEN = """
SELECT id, platform, hook_token, name, address, settings, sealed_secrets, sealed_previous, previous_until
FROM collect_connection
"""


# A broken shop is not asked earlier for being busy: its backing off stays as it is.
_NOTE = """
UPDATE collect_connection SET last_hook_at = greatest(last_hook_at, %(at)s),
    woken_at = CASE WHEN %(wake)s THEN %(at)s ELSE woken_at END,
    due_at = CASE WHEN %(wake)s AND failures = 0 THEN least(due_at, %(at)s + %(after)s::interval) ELSE due_at END
WHERE id = %(id)s
"""
_NOTE_REFUSED = "UPDATE collect_connection SET last_refused_hook_at = %s WHERE id = %s"
WOKEN = timedelta(seconds=30)  # after a webhook that wakes: others about the same order may follow


class _Sealed(msgspec.Struct, kw_only=True):
    """What is sealed of a connection."""

    secrets: dict[str, str] = {}
    remembered: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class OpenConnection:
    """A connection to which webhooks may come. shop: None where its secrets cannot be opened, which is our fault."""

    id: int
    platform: str
    shop: Shop | None


def open_connections(
    connection: psycopg.Connection[Any], *, secret_key: str, at: datetime
) -> dict[str, OpenConnection]:
    """Return every connected shop by the token in its webhooks' address."""
    opened = {}
    for key, platform, token, name, address, settings, sealed, previous, until in connection.execute(_OPEN):
        try:
            shop = open_shop(
                name=name,
                address=address,
                settings=settings,
                sealed=sealed,
                previous=previous if until is not None and at < until else "",
                secret_key=secret_key,
            )
        except crypto.CannotUnseal:
            shop = None
        opened[token] = OpenConnection(key, platform, shop)
    return opened


def note_hook(connection: psycopg.Connection[Any], connection_id: int, *, wakes: bool, at: datetime) -> None:
    """Note that a shop's webhooks arrive; one that wakes has the shop asked soon."""
    connection.execute(_NOTE, {"id": connection_id, "at": at, "wake": wakes, "after": WOKEN})


def note_refused_hook(connection: psycopg.Connection[Any], connection_id: int, *, source: str, at: datetime) -> None:
    """Note and count a webhook with a wrong signature. Nothing of it is kept."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(_NOTE_REFUSED, (at, connection_id))
        count_rejected(cursor, Counter({(source, "wrong_signature"): 1}), day=at.astimezone(UTC).date())


def open_shop(
    *, name: str, address: str, settings: dict[str, str], sealed: str, previous: str, secret_key: str
) -> Shop:
    """Return a shop with its secrets opened.

    Raises:
        CannotUnseal: they were sealed with another key.
    """
    now = _opened(sealed, secret_key)
    return Shop(
        name=name,
        address=address,
        secrets=now.secrets,
        settings=settings,
        previous=_opened(previous, secret_key).secrets if previous else {},
        remembered=now.remembered,
    )


def seal_shop(secrets: dict[str, str], remembered: dict[str, str], *, secret_key: str) -> str:
    """Return a shop's secrets as they are stored."""
    content = msgspec.json.encode(_Sealed(secrets=secrets, remembered=remembered))
    return crypto.seal(content.decode(), secret_key=secret_key)


def _opened(sealed: str, secret_key: str) -> _Sealed:
    return msgspec.json.decode(crypto.unseal(sealed, secret_key=secret_key), type=_Sealed)
