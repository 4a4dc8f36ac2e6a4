"""One order file, read and understood: its dry run, its order versions, its rejects."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from kembali.collect.files.ahead import ahead
from kembali.collect.files.columns import Layout
from kembali.collect.files.contracts import DryRun, FileShape, OrderVersion, RejectCount, RejectedLine
from kembali.collect.files.grouping import Grouping
from kembali.collect.files.reasons import sentence_of
from kembali.collect.files.records import chunks
from kembali.collect.files.sql import statement
from kembali.collect.files.text import UNDECODABLE, raw_text_of, text_blocks
from kembali.collect.files.vocabulary import understand
from kembali.collect.files.workspace import Workspace
from kembali.kernel.money import currency_code

_RAW_BYTES = 32 * 1024
_REJECTS = "SELECT line, last_line, code, value FROM reject ORDER BY line"
_COUNTS = "SELECT code, count(*) FROM reject GROUP BY code ORDER BY count(*) DESC, code"
_EXAMPLES = "SELECT line, value FROM reject WHERE code = $code ORDER BY line LIMIT 3"


class OrderFile:
    """What `read_orders` returns: its `shape` and number of `lines` (CSV records after the header).

    `versions` stream while later orders are still being put together; `summary` and `rejects` wait for all of them.
    Everything can be read again.
    """

    def __init__(
        self,
        *,
        shape: FileShape,
        layout: Layout,
        header_lines: int,
        currency: str,
        time_zone: str,
        observed_at: datetime,
        work_dir: Path,
    ) -> None:
        self.shape = shape
        self._layout = layout
        self._time_zone = time_zone
        self._observed_at = observed_at.astimezone(UTC)
        self._currency = currency_code(currency)
        self._workspace = Workspace(work_dir)
        try:
            self._blank_lines = self._stage(layout, header_lines)
            self.lines = self._workspace.count("SELECT (SELECT count(*) FROM cells) + (SELECT count(*) FROM reject)")
            understand(self._workspace, layout, time_zone=time_zone, currency=self._currency)
            self._grouping = Grouping(self._workspace, layout, currency=self._currency)
        except BaseException:
            self._workspace.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete the temporary database; may be called twice."""
        self._workspace.close()

    def versions(self, batch_size: int = 2000) -> Iterator[list[OrderVersion]]:
        """Yield the order versions, oldest order first, in batches. One order number is one version.

        A batch is made while the caller works on the one before it.
        """
        yield from ahead(self._versions(batch_size))

    def _versions(self, batch_size: int) -> Iterator[list[OrderVersion]]:
        ending = f',"observed_at":"{self._observed_at:%Y-%m-%dT%H:%M:%SZ}"}}'
        for bucket in self._grouping.buckets():
            cursor = self._workspace.connection.cursor()
            cursor.execute(statement("read_versions"), {"ending": ending, **bucket._asdict()})
            while rows := cursor.fetchmany(batch_size):
                yield [
                    OrderVersion(message_id, order_ref, kind, at.replace(tzinfo=UTC), identifiers, payload, line_count)
                    for message_id, order_ref, kind, at, identifiers, payload, line_count in rows
                ]

    def rejects(self, batch_size: int = 2000) -> Iterator[list[RejectedLine]]:
        """Yield the rejected records in file order, in batches, with their text. Reads the file once more."""
        self._grouping.finish()
        batch: list[RejectedLine] = []
        cursor = self._workspace.connection.cursor()
        cursor.execute(_REJECTS)
        rows = cursor.fetchall()
        spans = ((first, min(last, first + 999)) for first, last, _, _ in rows)
        texts = raw_text_of(self.shape.path, self.shape.encoding, spans)
        for (first, _, code, value), text in zip(rows, texts, strict=True):
            batch.append(RejectedLine(first, code, sentence_of(code, value), _storable(text)))
            if len(batch) == batch_size:
                yield batch
                batch = []
        if batch:
            yield batch

    def _stage(self, layout: Layout, header_lines: int) -> int:
        blocks = ahead(text_blocks(self.shape.path, self.shape.encoding))
        width = len(layout.columns)
        incoming = chunks(blocks, delimiter=self.shape.delimiter, width=width, header_lines=header_lines)
        return self._workspace.stage(ahead(incoming), layout)

    @cached_property
    def summary(self) -> DryRun:
        """What importing the file would do."""
        self._grouping.finish()
        cursor = self._workspace.connection.execute(statement("summary"))
        names = [column[0] for column in cursor.description or ()]
        row = dict(zip(names, cursor.fetchone() or (), strict=True))
        revenue = dict(row.pop("revenue_minor") or {})
        rejects = tuple(self._reject_counts())
        rejected = sum(count.count for count in rejects)
        return DryRun(
            **row | {
                "orders_by_type": dict(row["orders_by_type"] or {}),
                "first_placed_at": _aware(row["first_placed_at"]),
                "last_placed_at": _aware(row["last_placed_at"]),
            },
            format=self._layout.format.name,
            currency=self._currency,
            time_zone=self._time_zone,
            lines=row["accepted"] + rejected,
            blank_lines=self._blank_lines,
            rejected=rejected,
            revenue_minor=revenue.pop(self._currency, 0),
            other_revenue_minor=revenue,
            unmapped_columns=self._layout.unmapped,
            rejects=rejects,
        )  # fmt: skip

    def _reject_counts(self) -> Iterator[RejectCount]:
        for code, count in self._workspace.connection.execute(_COUNTS).fetchall():
            examples = self._workspace.connection.execute(_EXAMPLES, {"code": code}).fetchall()
            sentences = tuple(f"Line {line}: {sentence_of(code, value)}" for line, value in examples)
            yield RejectCount(code=code, count=count, examples=sentences)


def _aware(at: datetime | None) -> datetime | None:
    return at and at.replace(tzinfo=UTC)


def _storable(text: str) -> str:
    """Return text PostgreSQL can hold, without its line end, at most 32 KB of UTF-8."""
    clean = text.rstrip("\r\n").replace(UNDECODABLE, "\ufffd").replace("\0", "\ufffd")
    if len(clean) * 4 <= _RAW_BYTES:
        return clean
    return clean.encode("utf-8", "replace")[:_RAW_BYTES].decode("utf-8", "ignore")
