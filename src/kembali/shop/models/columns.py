"""Columns that several tables have."""

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    _TextLike = models.Field[str, str]
else:
    _TextLike = models.Field

# When a row was last written, and an instant older than any word about anything.
CHANGED = models.expressions.RawSQL("pg_current_xact_id()", ())
NEVER = models.expressions.RawSQL("'0001-01-01 00:00+00'::timestamptz", ())


class Xid8Field(_TextLike):
    """PostgreSQL's 64-bit transaction id."""

    def db_type(self, connection: object) -> str:  # noqa: ARG002 - Django's signature
        """Return the column's type."""
        return "xid8"
