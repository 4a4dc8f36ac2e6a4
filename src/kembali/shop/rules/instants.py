"""Instants that stand for the lack of one."""

from datetime import UTC, datetime

NEVER = datetime.min.replace(tzinfo=UTC)  # older than any word about anything
