"""Read rejected lines again, after the mapping has been mended, and add what they say: lines of orders join theirs."""

import csv
import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from kembali.collect import door
from kembali.collect.errors import ImportNotFound
from kembali.collect.files import reading
from kembali.collect.files.contracts import Known, OrderVersion
from kembali.collect.imports.versions import earlier_payloads, fact_of, work_folder
from kembali.collect.models import FileImport, RejectedLine
from kembali.infra.database import one_transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What reading an import's rejected lines again did: lines now understood, and lines still rejected."""

    import_id: int
    accepted: int
    rejected: int


def replay_rejected(import_id: int, *, at: datetime, mapping: Mapping[str, str] | None = None) -> Replayed:
    """Read an import's kept rejects again. What is understood now is added.

    Lines of orders join their order as a new version of it. One transaction. Each line is replayed once: a second call
    finds only what is still rejected. A line its order holds by now (from another import of the file, or from the
    mended file) is not added again.

    Args:
        mapping: what to change in the import's own mapping.
        at: the `observed_at` of the new versions.

    Raises:
        ImportNotFound: there is no such import.
        ColumnsNotUnderstood, BadMapping, DatesNotUnderstood: the mapping does not fit the import's columns.
    """
    with one_transaction() as cursor:
        run = FileImport.objects.select_for_update().filter(pk=import_id).first()
        if run is None:
            raise ImportNotFound(f"There is no import {import_id}.")
        waiting = list(run.rejected_lines.filter(replayed_at=None).order_by("line_number"))
        if not waiting:
            return Replayed(import_id=import_id, accepted=0, rejected=0)
        with tempfile.TemporaryDirectory(dir=work_folder()) as folder:
            path = Path(folder) / run.file_name.removesuffix(".gz")
            place_of = _write(path, run, waiting)
            with reading.read_file(
                path,
                currency=run.currency,
                time_zone=run.time_zone,
                mapping={**run.mapping, "encoding": "utf-8", "as": run.format, **(mapping or {})},
                observed_at=at,
                work_dir=Path(folder),
            ) as file:
                still = {place_of[one.line_number]: one for batch in file.rejects() for one in batch}
                said = [one for batch in file.facts() for one in batch]
        _append(cursor, run, said, at)
        return _account(run, waiting, still, at)


def _write(path: Path, run: FileImport, waiting: Sequence[RejectedLine]) -> dict[int, int]:
    """Write the header and the rejected records as a file; return its line numbers → their place in `waiting`."""
    place_of: dict[int, int] = {}
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=run.delimiter, lineterminator="\n").writerow(run.columns)
        line_number = 2 + sum(column.count("\n") for column in run.columns)
        for place, one in enumerate(waiting):
            file.write(one.raw + "\n")
            place_of[line_number] = place
            line_number += 1 + one.raw.count("\n")
    return place_of


def _append(cursor: door.Cursor, run: FileImport, said: Sequence[Known], at: datetime) -> None:
    earlier = earlier_payloads(cursor, run.source, [one for one in said if isinstance(one, OrderVersion)])
    joined = (
        _joined(earlier[one.message_id], one, at)
        if isinstance(one, OrderVersion) and one.message_id in earlier
        else one
        for one in said
    )
    door.append(cursor, [fact_of(one, run.source) for one in joined if one], received_at=at)


def _joined(earlier: bytes, version: OrderVersion, at: datetime) -> OrderVersion | None:
    """Return the earlier version with the lines it lacks, None if it lacks none.

    Totals that were the sum of the lines stay their sum.
    """
    order: dict[str, Any] = msgspec.json.decode(earlier)
    places = reading.unknown_lines(earlier, version.payload)
    if not places:
        return None
    if order["totals"]["total_minor"] == sum(line.total_minor for line in reading.order_lines(earlier)):
        lines = reading.order_lines(version.payload)
        added = sum(lines[place].total_minor for place in places)
        for name in ("total_minor", "subtotal_minor"):
            if order["totals"].get(name) is not None:
                order["totals"][name] += added
    said: list[Any] = msgspec.json.decode(version.payload)["lines"]
    order["lines"] += [said[place] for place in places]
    del order["observed_at"]
    content = msgspec.json.encode(order, order="sorted")
    order["observed_at"] = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return version._replace(message_id=f"{version.order_ref}:{digest}", payload=msgspec.json.encode(order))


def _account(
    run: FileImport, waiting: Sequence[RejectedLine], still: Mapping[int, reading.RejectedLine], at: datetime
) -> Replayed:
    for place, line in enumerate(waiting):
        if place in still:
            line.reason_code, line.reason = still[place].code, still[place].reason
        else:
            line.replayed_at = at
    RejectedLine.objects.bulk_update(waiting, ["reason_code", "reason", "replayed_at"], batch_size=1000)
    accepted = len(waiting) - len(still)
    run.accepted_count += accepted
    run.rejected_count -= accepted
    run.save(update_fields=["accepted_count", "rejected_count"])
    return Replayed(import_id=run.pk, accepted=accepted, rejected=len(still))
