"""The second door of `accounts`: which keys open what, on any psycopg connection. Loads no Django."""

import hashlib
from dataclasses import dataclass
from typing import Any

import psycopg

# A key expires by the world's clock, which the database reads: nobody's business time reaches this far.
_KEYS = """
SELECT token_sha256, source, public_token IS NOT NULL FROM accounts_key
WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp()) AND 'track' = ANY(scopes)
"""


@dataclass(frozen=True, slots=True)
class OpenKey:
    """What a key that may track stands for. What a public one sends is not trusted."""

    source: str
    is_public: bool


def open_keys(connection: psycopg.Connection[Any]) -> dict[bytes, OpenKey]:
    """Return all keys that may track, by the digest of their token."""
    return {bytes(digest): OpenKey(source, is_public) for digest, source, is_public in connection.execute(_KEYS)}


def digest_of(token: str) -> bytes:
    """Return what is stored of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()
