"""Say what importing a file would do, before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kembali.collect.files import reading
from kembali.collect.files.contracts import DryRun
from kembali.collect.files.kinds import KINDS
from kembali.collect.imports.versions import known_lines, pieces, work_folder
from kembali.infra.database import raw_cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What importing a file would do, before anything is written: `lines` = `accepted` + `rejected` + `merged`.

    summary: the file by itself; there `accepted` includes the lines the log knows already. mapped: field → column.
    fields: what such a file can fill, with its meaning.
    """

    path: Path
    file_name: str
    encoding: str
    columns: tuple[str, ...]
    mapped: Mapping[str, str]
    fields: Mapping[str, str]
    summary: DryRun
    source: str
    lines: int
    accepted: int
    rejected: int
    merged: int


def plan_import(
    path: Path,
    *,
    currency: str,
    time_zone: str,
    at: datetime,
    mapping: Mapping[str, str] | None = None,
    source: str | None = None,
) -> ImportPlan:
    """Say what `import_file` would do now; writes nothing.

    Raises:
        Whatever `files.reading.read_file` raises for a file that cannot be understood.
    """
    with reading.read_file(
        path, currency=currency, time_zone=time_zone, mapping=mapping, observed_at=at, work_dir=work_folder()
    ) as file:
        place = source or file.shape.source
        merged = 0
        with raw_cursor() as cursor:
            for piece in pieces(file):
                ids = [known.message_id for known in piece]
                cursor.execute(
                    "SELECT message_id FROM collect_fact WHERE source = %s AND message_id = ANY(%s)", (place, ids)
                )
                known = {row[0] for row in cursor.fetchall()}
                merged += known_lines(cursor, place, piece, known)
        return ImportPlan(
            path=path,
            file_name=path.name,
            encoding=file.shape.encoding,
            columns=file.shape.columns,
            mapped=file.shape.mapped,
            fields={field.name: field.meaning for field in KINDS[file.shape.kind].fields},
            summary=file.summary,
            source=place,
            lines=file.summary.lines,
            accepted=file.summary.accepted - merged,
            rejected=file.summary.rejected,
            merged=merged,
        )
