"""Cursors: where a list goes on, as a text that programs keep and hand back."""

import base64
import binascii
from typing import Annotated

from ninja import Query

from kembali.kernel.errors import Refused

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[
    str | None, Query(max_length=200, description="`next_cursor` of the page before; without: from the beginning.")
]


class BadCursor(Refused):
    """A cursor was not made by this list."""

    code = "bad_cursor"


def cursor_of(name: str, position: object | None) -> str | None:
    """Return the cursor of the list called `name` for a position; None for None."""
    if position is None:
        return None
    return base64.urlsafe_b64encode(f"{name}:{position}".encode()).decode().rstrip("=")


def position_of(name: str, cursor: str | None) -> str | None:
    """Return the position in a cursor of the list called `name`.

    Raises:
        BadCursor: it is of another list, or of none.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        made_by, _, position = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        made_by, position = "", ""
    if made_by != name or not position:
        raise BadCursor("This cursor is not one of this list.", hint="Take next_cursor of an earlier page.")
    return position


def id_of(name: str, cursor: str | None) -> int | None:
    """Return the id in a cursor of the list called `name`.

    Raises:
        BadCursor: it is of another list, or of none.
    """
    position = position_of(name, cursor)
    if position is None:
        return None
    if not (position.isascii() and position.isdecimal() and len(position) < 19):
        raise BadCursor("This cursor is not one of this list.", hint="Take next_cursor of an earlier page.")
    return int(position)
