"""Import a shop's file: what its rows say becomes facts, every line is accounted for, nothing is done twice.

The reading is `collect.files`; here is what it means for the log.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import msgspec

from kembali.collect import door
from kembali.collect.files import reading
from kembali.collect.files.contracts import DryRun, Known
from kembali.collect.imports.versions import fact_of, known_lines, pieces, work_folder
from kembali.collect.models import FileImport, RejectedLine
from kembali.infra.database import one_transaction, raw_cursor

Progress = Callable[[int, int], None]  # lines done, lines in the file

_REJECTS_KEPT = 10_000  # the rest is counted only

_HAS_HISTORY = "SELECT EXISTS (SELECT 1 FROM collect_fact WHERE source = %s AND received_at IS DISTINCT FROM %s)"
_RECEIVED_NOW = """
SELECT message_id FROM collect_fact WHERE source = %s AND message_id = ANY(%s) AND received_at = %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """The account of one import: `lines` = `accepted` + `rejected` + `merged`, always.

    accepted: lines whose facts are in now, exact duplicates inside the file included.
    merged: lines already known from an earlier import.
    orders, customers, revenue_minor, order_types, facts, consents: describe the file (see `DryRun`), not what was new
        in it.
    reasons: code → rejected lines. resumed: an import of the same file had been interrupted and was finished here.
    """

    import_id: int
    kind: str
    format: str
    source: str
    lines: int
    accepted: int
    rejected: int
    merged: int
    exact_duplicates: int
    orders: int
    customers: int
    revenue_minor: int
    reasons: Mapping[str, int]
    unmapped_columns: tuple[str, ...]
    order_types: Mapping[str, int]
    facts: Mapping[str, int]
    consents: Mapping[str, int]
    resumed: bool
    seconds: float


def import_file(
    path: Path,
    *,
    currency: str,
    time_zone: str,
    at: datetime,
    mapping: Mapping[str, str] | None = None,
    source: str | None = None,
    progress: Progress | None = None,
) -> ImportResult:
    """Append what the file says as facts and keep rejected lines; the same file again changes nothing.

    Commits piece by piece. Killed at any point, the same call finishes the work: what was in already is counted
    as if the import had never stopped.

    Args:
        at: when the import happens; it is the `observed_at` of every version. A resumed import keeps its first one.
        source: who speaks: whose order numbers these are; by default the format's own. Versions of one order meet only
            within a source.

    Raises:
        Whatever `files.reading.read_file` raises for a file that cannot be understood; nothing was written.
    """
    started = time.monotonic()
    digest = _digest(path, currency, time_zone, mapping or {})
    run = FileImport.objects.filter(digest=digest, finished_at=None).order_by("-id").first()
    resumed = run is not None
    with reading.read_file(
        path,
        currency=currency,
        time_zone=time_zone,
        mapping=mapping,
        observed_at=run.started_at if run else at,
        work_dir=work_folder(),
    ) as file:
        run = run or FileImport.objects.create(
            file_name=path.name,
            digest=digest,
            format=file.shape.format,
            source=source or file.shape.source,
            mapping=dict(mapping or {}),
            columns=list(file.shape.columns),
            delimiter=file.shape.delimiter,
            currency=currency,
            time_zone=time_zone,
            started_at=at,
            line_count=file.lines,
        )
        merged = done = 0
        has_history = _has_history(run)
        for piece in pieces(file):
            merged += _append_piece(run, piece, resumed=resumed, has_history=has_history)
            done += sum(one.line_count for one in piece)
            if progress:
                progress(done, file.lines)
        _keep_rejects(run, (one for batch in file.rejects() for one in batch))
        summary = file.summary
    _finish(run, summary, merged, at)
    return _result(run, summary, resumed=resumed, seconds=time.monotonic() - started)


def _has_history(run: FileImport) -> bool:
    """Return whether an earlier import may know an order's lines. Asked once: it looks at all this import has added."""
    with raw_cursor() as cursor:
        cursor.execute(_HAS_HISTORY, (run.source, run.started_at))
        return cursor.fetchall()[0] == (True,)


def _append_piece(run: FileImport, piece: list[Known], *, resumed: bool, has_history: bool) -> int:
    """Append one piece in one transaction; return how many of its lines were known before this import began."""
    with one_transaction() as cursor:
        new = door.append(cursor, [fact_of(one, run.source) for one in piece], received_at=run.started_at)
        known = {one.message_id for one, is_new in zip(piece, new, strict=True) if not is_new}
        if known and (resumed or piece[0].kind != "order.version"):  # rows of one file may say the same
            cursor.execute(_RECEIVED_NOW, (run.source, list(known), run.started_at))
            known -= {row[0] for row in cursor.fetchall()}
        return known_lines(cursor, run.source, piece, known) if known or has_history else 0


def _keep_rejects(run: FileImport, rejects: Iterable[reading.RejectedLine]) -> None:
    RejectedLine.objects.bulk_create(
        [
            RejectedLine(
                file_import=run,
                line_number=one.line_number,
                reason_code=one.code,
                reason=one.reason,
                raw=one.raw_text,
            )
            for one in islice(rejects, _REJECTS_KEPT)
        ],
        batch_size=2000,
        ignore_conflicts=True,  # kept already by a run that was killed
    )


def _finish(run: FileImport, summary: DryRun, merged: int, at: datetime) -> None:
    run.finished_at = at
    run.line_count = summary.lines
    run.accepted_count = summary.accepted - merged
    run.rejected_count = summary.rejected
    run.merged_count = merged
    run.order_count = summary.orders
    run.customer_count = summary.customers
    run.revenue_minor = summary.revenue_minor
    run.summary = {
        "exact_duplicates": summary.exact_duplicates,
        "order_types": dict(summary.orders_by_type),
        "unmapped_columns": list(summary.unmapped_columns),
        "reasons": {count.code: count.count for count in summary.rejects},
        "other_revenue_minor": dict(summary.other_revenue_minor),
        "incomplete_orders": summary.incomplete_orders,
        "ambiguous_times": summary.ambiguous_times,
        "kind": summary.kind,
        "facts": dict(summary.facts),
        "consents": dict(summary.consents),
    }
    run.save()


def _result(run: FileImport, summary: DryRun, *, resumed: bool, seconds: float) -> ImportResult:
    return ImportResult(
        import_id=run.pk,
        kind=summary.kind,
        format=run.format,
        source=run.source,
        lines=run.line_count,
        accepted=run.accepted_count,
        rejected=run.rejected_count,
        merged=run.merged_count,
        exact_duplicates=summary.exact_duplicates,
        orders=summary.orders,
        customers=summary.customers,
        revenue_minor=summary.revenue_minor,
        reasons={count.code: count.count for count in summary.rejects},
        unmapped_columns=summary.unmapped_columns,
        order_types=summary.orders_by_type,
        facts=summary.facts,
        consents=summary.consents,
        resumed=resumed,
        seconds=seconds,
    )


def _digest(path: Path, currency: str, time_zone: str, mapping: Mapping[str, str]) -> str:
    """Return what makes two runs the same import: the file's bytes and how they are understood."""
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256")
    content.update(msgspec.json.encode([currency, time_zone, sorted(mapping.items())]))
    return content.hexdigest()
