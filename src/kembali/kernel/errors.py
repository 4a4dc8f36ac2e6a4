"""The five kinds of error a room may raise; each room subclasses them in its own `errors.py`."""

from typing import ClassVar


class KembaliError(Exception):
    """Something a person can read and act on.

    `code` is permanent and machine-readable; `message` says what is wrong and where; `hint` says what to do about it.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class NotFound(KembaliError):
    """The thing asked for does not exist."""

    code = "not_found"


class Conflict(KembaliError):
    """The request contradicts what is already recorded."""

    code = "conflict"


class Denied(KembaliError):
    """The caller may not do this."""

    code = "denied"


class Refused(KembaliError):
    """The input can never be accepted as it is: do not retry, mend it."""

    code = "refused"


class Unavailable(KembaliError):
    """Something needed is not there right now: retry later."""

    code = "unavailable"
