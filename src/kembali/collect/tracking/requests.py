"""The outside of a tracking request: which call it makes, whose it is, and its body as JSON text.

Content-Type says nothing: browsers send JSON as `text/plain`, one server SDK as a form.
"""

import base64
import binascii
import zlib
from types import MappingProxyType

from kembali.collect.errors import BadTrackingRequest

BATCH = "batch"
CALLS = ("identify", "track", "page", "screen", "group", "alias")

# The browser's SDK uses the first letter only.
ROUTES = MappingProxyType(
    {f"/v1/{call}": call for call in CALLS}
    | {f"/v1/{call[0]}": call for call in CALLS}
    | dict.fromkeys(("/v1/batch", "/v1/b", "/v1/import"), BATCH)
)

MOST_BYTES = 500 * 1024
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


def body_of(raw: bytes, encoding: str) -> bytes:
    """Return a request's body, unpacked.

    Args:
        encoding: the header Content-Encoding, empty without one. Packed bodies are known by their first bytes too.

    Raises:
        BadTrackingRequest: more than `MOST_BYTES`, packed or unpacked; damaged; or packed in a way not understood.
    """
    if len(raw) > MOST_BYTES:
        raise _too_large()
    named = encoding.strip().lower()
    if named not in ("", "identity", "gzip", "x-gzip"):
        raise BadTrackingRequest(f"The body is packed as “{named}”.", hint="Send it as gzip or not packed at all.")
    return _unpacked(raw) if raw.startswith(_GZIP) else raw


def write_key_of(authorization: str) -> str | None:
    """Return the key in a Basic Authorization header: the name before the colon, which may be missing."""
    scheme, _, credentials = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    return decoded(credentials).partition(":")[0] or None


def decoded(text: str) -> str:
    """Return what a header holds in Base64, with or without its padding; empty where it is something else."""
    text = text.strip()
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _unpacked(raw: bytes) -> bytes:
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    try:
        body = unpacker.decompress(raw, MOST_BYTES + 1)
    except zlib.error:
        raise BadTrackingRequest("The body is damaged: it is not gzip.") from None
    if len(body) > MOST_BYTES:
        raise _too_large()
    if not unpacker.eof or unpacker.unused_data:
        raise BadTrackingRequest("The body is damaged: its gzip ends too early or too late.")
    return body


def _too_large() -> BadTrackingRequest:
    return BadTrackingRequest(f"The body has more than {MOST_BYTES // 1024} KB.", hint="Send smaller batches.")
