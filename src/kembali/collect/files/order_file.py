"""One file of orders, read set-based: its dry run, its order versions, its rejects."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property

from kembali.collect.files.ahead import ahead
from kembali.collect.files.contracts import DryRun, Known, OrderVersion
from kembali.collect.files.grouping import Grouping
from kembali.collect.files.sql import statement
from kembali.collect.files.staged_file import StagedFile
from kembali.collect.files.vocabulary import understand


class OrderFile(StagedFile):
    """A file whose rows are orders or lines of orders. One order number is one version."""

    def _prepare(self) -> None:
        understand(self._workspace, self._layout, time_zone=self._time_zone, currency=self._currency)
        self._grouping = Grouping(self._workspace, self._layout, currency=self._currency)

    def facts(self, batch_size: int = 2000) -> Iterator[Sequence[Known]]:
        """Yield the order versions, oldest order first, in batches."""
        yield from self.versions(batch_size)

    def versions(self, batch_size: int = 2000) -> Iterator[list[OrderVersion]]:
        """Yield the order versions, oldest order first, in batches, each made while the caller works on another."""
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

    def _finish(self) -> None:
        self._grouping.finish()

    @cached_property
    def summary(self) -> DryRun:
        """What importing the file would do."""
        self._finish()
        cursor = self._workspace.connection.execute(statement("summary"))
        names = [column[0] for column in cursor.description or ()]
        row = dict(zip(names, cursor.fetchone() or (), strict=True))
        revenue = dict(row.pop("revenue_minor") or {})
        consents = {"email given imported": row.pop("accepting"), "email not_given imported": row.pop("refusing")}
        rejects = tuple(self._reject_counts())
        rejected = sum(count.count for count in rejects)
        return DryRun(
            **row | {
                "orders_by_type": dict(row["orders_by_type"] or {}),
                "first_placed_at": _aware(row["first_placed_at"]),
                "last_placed_at": _aware(row["last_placed_at"]),
            },
            kind=self._layout.kind.name,
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
            facts={"order.version": row["orders"]},
            consents={words: count for words, count in consents.items() if count},
        )  # fmt: skip


def _aware(at: datetime | None) -> datetime | None:
    return at and at.replace(tzinfo=UTC)
