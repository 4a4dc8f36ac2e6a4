"""What a file says on its way into the log: as facts, in pieces, and compared with what the log knows already."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from django.conf import settings

from kembali.collect import door
from kembali.collect.contracts import NewFact
from kembali.collect.files import reading
from kembali.collect.files.contracts import Known, OrderVersion

if TYPE_CHECKING:
    from kembali.collect.files.staged_file import StagedFile

# One piece is one transaction: far below 2 s, so that no consumer waits for an import.
PIECE_VERSIONS = 2000
PIECE_BYTES = 8_000_000

# An order's versions share the beginning of their message id: in the index they stand together, from "number:" to
# before "number;". The latest one that is not this one is what was known. (OFFSET 0: or the planner goes through all
# facts, the latest first, for every order.)
_EARLIER = """
SELECT w.message_id, f.payload::text
FROM unnest(%(refs)s::text[], %(ids)s::text[]) AS w(order_ref, message_id)
CROSS JOIN LATERAL (
    SELECT payload FROM (
        SELECT seq, payload FROM collect_fact
        WHERE source = %(source)s AND message_id >= w.order_ref || ':' AND message_id < w.order_ref || ';'
            AND message_id <> w.message_id AND kind = 'order.version' AND payload->>'order_ref' = w.order_ref
        OFFSET 0
    ) versions
    ORDER BY seq DESC LIMIT 1
) f
"""


def fact_of(known: Known, source: str) -> NewFact:
    """Return what a file says as a fact. It occurred when the file says it did: history never triggers."""
    return NewFact(
        source=source,
        message_id=known.message_id,
        kind=known.kind,
        occurred_at=known.occurred_at,
        payload=known.payload,
        identifiers=msgspec.json.decode(known.identifiers, type=dict[str, str]),
    )


def work_folder() -> Path:
    """Return the folder for an import's temporary files, in the shop's home."""
    folder: Path = settings.KEMBALI.home / "work"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def pieces(file: "StagedFile") -> Iterator[list[Known]]:
    """Yield what the file says, in pieces for one transaction each."""
    yield from cut(file.facts(PIECE_VERSIONS))


def cut(batches: Iterable[Sequence[Known]]) -> Iterator[list[Known]]:
    """Cut batches where they grow heavy: an order may have thousands of lines. What one row says stays together."""
    for batch in batches:
        piece: list[Known] = []
        weight = 0
        for known in batch:
            if weight >= PIECE_BYTES and known.line_count:
                yield piece
                piece, weight = [], 0
            piece.append(known)
            weight += len(known.payload)
        if piece:
            yield piece


def known_lines(cursor: door.Cursor, source: str, piece: Sequence[Known], known: set[str]) -> int:
    """Return how many lines the log holds already: all of a known fact, the old ones of a changed order."""
    lines = _all_known(piece, known)
    changed = {
        version.message_id: version
        for version in piece
        if isinstance(version, OrderVersion) and version.message_id not in known
    }
    if not changed:
        return lines
    for message_id, payload in earlier_payloads(cursor, source, list(changed.values())).items():
        version = changed[message_id]
        lines += min(version.line_count, reading.known_line_count(payload, version.payload))
    return lines


def _all_known(piece: Sequence[Known], known: set[str]) -> int:
    """Return how many lines say only what is known: a row may say several things, and its lines stand on the first."""
    lines = of_row = 0
    for one in piece:
        if one.line_count:
            lines, of_row = lines + of_row, one.line_count
        if one.message_id not in known:
            of_row = 0
    return lines + of_row


def earlier_payloads(cursor: door.Cursor, source: str, versions: Sequence[OrderVersion]) -> dict[str, bytes]:
    """Return the latest other version of each order that has one: message id of the version given → its payload."""
    cursor.execute(
        _EARLIER,
        {
            "source": source,
            "refs": [version.order_ref for version in versions],
            "ids": [version.message_id for version in versions],
        },
    )
    return {message_id: payload.encode() for message_id, payload in cursor.fetchall()}
