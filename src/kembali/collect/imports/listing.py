"""Imports and the lines of theirs that wait, as pages and commands show them."""

from kembali.collect.errors import ImportNotFound
from kembali.collect.models import FileImport, RejectedLine


def list_imports(limit: int = 20) -> list[FileImport]:
    """The latest imports first."""
    return list(FileImport.objects.order_by("-started_at", "-id")[:limit])


def import_of(import_id: int) -> FileImport:
    """One import.

    Raises:
        ImportNotFound: there is none of this number.
    """
    found = FileImport.objects.filter(pk=import_id).first()
    if found is None:
        raise ImportNotFound(f"There is no import {import_id}.")
    return found


def list_rejected_lines(limit: int = 100) -> list[RejectedLine]:
    """Lines waiting to be mended, the latest import first."""
    return list(
        RejectedLine.objects.filter(replayed_at__isnull=True)
        .select_related("file_import")
        .order_by("-file_import_id", "line_number")[:limit]
    )


def count_rejected_lines() -> int:
    """How many lines wait to be mended."""
    return RejectedLine.objects.filter(replayed_at__isnull=True).count()
