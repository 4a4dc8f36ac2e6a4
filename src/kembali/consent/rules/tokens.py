"""Unsubscribe tokens: who and what, sealed by a keyed hash. Short, because the whole link stays below 60 characters.

Nothing is stored: a link works for ever, as a mail from years ago must still be able to stop mails.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64

from kembali.consent.contracts import Channel, Purpose
from kembali.consent.errors import BadPermission, TokenNotValid
from kembali.kernel.ids import CustomerId

_MAC_BYTES = 10
# The place in this list is part of every link ever sent: only ever append.
_TOPICS: tuple[tuple[Channel, Purpose], ...] = (
    ("email", "marketing"),
    ("email", "service"),
    ("sms", "marketing"),
    ("sms", "service"),
    ("whatsapp", "marketing"),
    ("whatsapp", "service"),
    ("web_push", "marketing"),
    ("app_push", "marketing"),
)


def make_token(key: bytes, customer_id: CustomerId, channel: Channel, purpose: Purpose) -> str:
    """Return the token: 16 to 26 characters of A–Z a–z 0–9 - _.

    Raises:
        BadPermission: no such channel and purpose.
    """
    if (channel, purpose) not in _TOPICS:
        raise BadPermission(f"There is no {purpose} on {channel}.")
    number = customer_id.to_bytes((customer_id.bit_length() + 7) // 8 or 1, "big")
    body = bytes([_TOPICS.index((channel, purpose))]) + number
    return urlsafe_b64encode(body + _mac(key, body)).rstrip(b"=").decode()


def read_token(key: bytes, token: str) -> tuple[CustomerId, Channel, Purpose]:
    """Return what a token is about.

    Raises:
        TokenNotValid: we did not make it.
    """
    try:
        sealed = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (BadBase64, UnicodeEncodeError, ValueError) as error:
        raise _not_valid() from error
    body, mac = sealed[:-_MAC_BYTES], sealed[-_MAC_BYTES:]
    if len(body) < 2 or not hmac.compare_digest(mac, _mac(key, body)) or body[0] >= len(_TOPICS):
        raise _not_valid()
    channel, purpose = _TOPICS[body[0]]
    return CustomerId(int.from_bytes(body[1:], "big")), channel, purpose


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, hashlib.sha256)[:_MAC_BYTES]


def _not_valid() -> TokenNotValid:
    return TokenNotValid("This link is not valid.", hint="Open it from the mail again, or reply to the mail.")
