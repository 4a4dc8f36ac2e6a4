"""One file, read into its workspace: what all kinds share. Its facts, its dry run and its rejects follow from there."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from kembali.collect.files.ahead import ahead
from kembali.collect.files.columns import Layout
from kembali.collect.files.contracts import DryRun, FileShape, Known, RejectCount, RejectedLine
from kembali.collect.files.reasons import sentence_of
from kembali.collect.files.sources import Source
from kembali.collect.files.text import UNDECODABLE
from kembali.collect.files.workspace import Workspace
from kembali.kernel.money import currency_code

_RAW_BYTES = 32 * 1024
_REJECTS = "SELECT line, last_line, code, value FROM reject ORDER BY line"
_COUNTS = "SELECT code, count(*) FROM reject GROUP BY code ORDER BY count(*) DESC, code"
_EXAMPLES = "SELECT line, value FROM reject WHERE code = $code ORDER BY line LIMIT 3"


class StagedFile(ABC):
    """What `read_file` returns: its `shape` and number of `lines` (records after the header).

    `facts` stream while later ones are still being put together; `summary` and `rejects` wait for all of them.
    Everything can be read again.
    """

    def __init__(
        self,
        *,
        shape: FileShape,
        layout: Layout,
        source: Source,
        currency: str,
        time_zone: str,
        observed_at: datetime,
        work_dir: Path,
    ) -> None:
        self.shape = shape
        self._layout = layout
        self._source = source
        self._time_zone = time_zone
        self._observed_at = observed_at.astimezone(UTC)
        self._currency = currency_code(currency)
        self._workspace = Workspace(work_dir)
        try:
            self._blank_lines = self._workspace.stage(ahead(source.chunks()), layout)
            self.lines = self._workspace.count("SELECT (SELECT count(*) FROM cells) + (SELECT count(*) FROM reject)")
            self._prepare()
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

    @abstractmethod
    def facts(self, batch_size: int = 2000) -> Iterator[Sequence[Known]]:
        """Yield what goes into the log, in batches; a batch is made while the caller works on the one before it."""

    @property
    @abstractmethod
    def summary(self) -> DryRun:
        """What importing the file would do."""

    @abstractmethod
    def _prepare(self) -> None:
        """Understand what was staged, as far as it needs to be before the first fact."""

    @abstractmethod
    def _finish(self) -> None:
        """Look at every record, so that all rejects are known."""

    def rejects(self, batch_size: int = 2000) -> Iterator[list[RejectedLine]]:
        """Yield the rejected records in file order, in batches, with their text. Reads the file once more."""
        self._finish()
        batch: list[RejectedLine] = []
        cursor = self._workspace.connection.cursor()
        cursor.execute(_REJECTS)
        rows = cursor.fetchall()
        spans = ((first, min(last, first + 999)) for first, last, _, _ in rows)
        for (first, _, code, value), text in zip(rows, self._source.raw_texts(spans), strict=True):
            batch.append(RejectedLine(first, code, sentence_of(code, value), _storable(text)))
            if len(batch) == batch_size:
                yield batch
                batch = []
        if batch:
            yield batch

    def _reject_counts(self) -> Iterator[RejectCount]:
        for code, count in self._workspace.connection.execute(_COUNTS).fetchall():
            examples = self._workspace.connection.execute(_EXAMPLES, {"code": code}).fetchall()
            sentences = tuple(f"Line {line}: {sentence_of(code, value)}" for line, value in examples)
            yield RejectCount(code=code, count=count, examples=sentences)


def _storable(text: str) -> str:
    """Return text PostgreSQL can hold, without its line end, at most 32 KB of UTF-8."""
    clean = text.rstrip("\r\n").replace(UNDECODABLE, "\ufffd").replace("\0", "\ufffd")
    if len(clean) * 4 <= _RAW_BYTES:
        return clean
    return clean.encode("utf-8", "replace")[:_RAW_BYTES].decode("utf-8", "ignore")
