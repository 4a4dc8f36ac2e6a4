"""Mail headers from untrusted text."""

import hashlib
import unicodedata

_MAX_SUBJECT = 200


def one_line(text: str, limit: int = _MAX_SUBJECT) -> str:
    """Return `text` on one line without control characters, single spaces, at most `limit` characters."""
    visible = "".join(" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in text)
    line = " ".join(visible.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def message_id(send_key: str, host: str) -> str:
    """Return the Message-ID of a send: the same at every attempt, so that a mail server can see a repetition."""
    return f"<{hashlib.sha256(send_key.encode()).hexdigest()[:32]}@{host}>"
