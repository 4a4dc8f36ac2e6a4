"""One file whose rows, or small groups of rows, each say something: customers, products, events and whatever comes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from kembali.collect.contracts import subject_of
from kembali.collect.files.ahead import ahead
from kembali.collect.files.contracts import DryRun, FileFact, Known
from kembali.collect.files.errors import DatesNotUnderstood
from kembali.collect.files.fields import Meaning
from kembali.collect.files.kinds.base import Row, Said
from kembali.collect.files.moments import DateOrder, date_order
from kembali.collect.files.numerals import Mark, decimal_mark
from kembali.collect.files.staged_file import StagedFile
from kembali.collect.files.words import Unusable, Words
from kembali.collect.payloads import ConsentSaid, CustomerSaid, version_id
from kembali.kernel.clock import zone

_FETCH = 10_000
_SAMPLE = 20_000
_MOST_ROWS = 5000  # in one group: a product with more variants than that is a wrong column
# A price stays the decimal number it was written as.
_encode = msgspec.json.Encoder(decimal_format="number").encode
# Empty, or a date with its year first.
_PLAIN = r"regexp_full_match({0}, '|\d\d\d\d-.*')"

Record = tuple[list[int], list[int], Row]


class RowFile(StagedFile):
    """A file read by its kind's reader, in file order. Rows equal in every cell are one."""

    def _prepare(self) -> None:
        self._fields = tuple(self._layout.sources)
        self._tally: _Tally | None = None
        self._words = Words(
            currency=self._currency,
            tz=zone(self._time_zone),
            observed_at=self._observed_at,
            date_order=self._date_order(),
            mark=self._mark(),
            words=self._layout.statuses,
            ref_prefix=self._layout.format.ref_prefix,
        )
        extras = (*self._layout.order_extras, *self._layout.line_extras)
        self._extras = [self._layout.columns[position] for position in extras]

    def facts(self, batch_size: int = 2000) -> Iterator[Sequence[Known]]:
        """Yield the facts in file order, in batches that keep what one row says together."""
        yield from ahead(self._facts(batch_size))

    def _facts(self, batch_size: int) -> Iterator[list[FileFact]]:
        tally, batch = _Tally(self._observed_at), []
        for group in self._groups():
            batch += self._understood(group, tally)
            if len(batch) >= batch_size:
                yield batch
                batch = []
        if batch:
            yield batch
        if self._tally is None:
            self._workspace.insert_words("reject", ("line", "last_line", "code", "value", "order_ref"), tally.rejects)
            self._tally = tally

    def _finish(self) -> None:
        if self._tally is None:
            for _ in self._facts(_FETCH):
                pass

    def _understood(self, group: Sequence[Record], tally: "_Tally") -> list[FileFact]:
        """Return what a group says; where one of its rows cannot be understood, all of them are rejected."""
        read = self._layout.kind.read
        rows = [row for _, _, row in group]
        try:
            if len(group) > _MOST_ROWS:
                raise Unusable("too_many_rows", str(len(group)))
            said = list(read(rows, self._words)) if read else []
            facts = [_fact(one) for one in said]
        except Unusable as unusable:
            tally.reject(group, unusable)
            return []
        lines = sum(len(first) for first, _, _ in group)
        tally.accept(said, lines=lines, copies=lines - len(group))
        return [fact._replace(line_count=lines if place == 0 else 0) for place, fact in enumerate(facts)]

    def _groups(self) -> Iterator[list[Record]]:
        cursor = self._workspace.connection.cursor()
        cursor.execute(self._select())
        for _, rows in groupby(_fetched(cursor), key=itemgetter(0)):
            yield [
                (lines, last_lines, self._row(cells)) for _, lines, last_lines, *cells in rows
            ]  # fmt: skip

    def _row(self, cells: Sequence[Any]) -> Row:
        filled = {name: cell for name, cell in zip(self._extras, cells[-1] or (), strict=False) if cell}
        fields = {
            name: text for name, cell in zip(self._fields, cells, strict=False) if cell and (text := cell.strip())
        }
        return Row(fields, filled, self._fields)

    def _select(self) -> str:
        """Return SQL for: which group, the lines of equal rows, their fields and extras, in file order."""
        names = ", ".join(self._fields)
        extras = "flatten([order_extras, line_extras])" if self._layout.line_extras else "order_extras"
        once = (
            f"SELECT list(line ORDER BY line) AS lines, list(last_line ORDER BY line) AS last_lines, {names}, "  # noqa: S608 - our own field names
            f"{extras} AS extras FROM raw GROUP BY {names}, extras"
        )
        if (group := self._layout.kind.group) is None:
            return f"SELECT lines[1], lines, last_lines, {names}, extras FROM ({once}) ORDER BY 1"  # noqa: S608 - our own field names
        missing = ", ".join(
            f"NULL::VARCHAR AS {name}" for name in self._layout.kind.field_names if name not in self._fields
        )
        return (
            f"WITH once AS ({once}), keyed AS (SELECT *, coalesce({group}, 'line ' || lines[1]) AS key "  # noqa: S608 - our own field names
            f"FROM (SELECT *{', ' + missing if missing else ''} FROM once)) "
            f"SELECT min(lines[1]) OVER (PARTITION BY key) AS place, lines, last_lines, {names}, extras "
            "FROM keyed ORDER BY place, lines[1]"
        )

    def _texts(self, holds: Meaning) -> Iterator[str]:
        """Yield a sample of the distinct texts of the fields of one meaning, without those that read one way only."""
        for field in self._layout.kind.fields:
            if field.holds == holds and field.name in self._fields:
                query = f"SELECT DISTINCT {field.name} FROM raw WHERE NOT {_PLAIN.format(field.name)} LIMIT {_SAMPLE}"  # noqa: S608 - our own field names
                for batch in self._workspace.texts(query):
                    yield from (text.strip() for text in batch)

    def _date_order(self) -> DateOrder:
        chosen = self._layout.options.get("date_order")
        if chosen is not None:
            return "month_first" if chosen == "month_first" else "day_first"
        texts = list(self._texts("instant"))
        order = date_order(texts)
        if order is None:
            raise DatesNotUnderstood(
                f"Dates such as “{min(texts)}” can be read two ways.",
                hint="Say which comes first with --map date_order=day_first or --map date_order=month_first.",
            )
        return order

    def _mark(self) -> Mark:
        chosen = self._layout.options.get("decimal")
        if chosen is None:
            return decimal_mark(self._texts("amount"))
        return "comma" if chosen == "comma" else "point"

    @property
    def summary(self) -> DryRun:
        """What importing the file would do."""
        self._finish()
        tally = self._tally or _Tally(self._observed_at)
        rejects = tuple(self._reject_counts())
        rejected = sum(count.count for count in rejects)
        return DryRun(
            kind=self._layout.kind.name,
            format=self._layout.format.name,
            currency=self._currency,
            time_zone=self._time_zone,
            lines=tally.lines + rejected,
            blank_lines=self._blank_lines,
            accepted=tally.lines,
            rejected=rejected,
            customers=len(tally.people),
            lines_without_customer=tally.nobodys,
            first_placed_at=tally.first_at,
            last_placed_at=tally.last_at,
            exact_duplicates=tally.copies,
            unmapped_columns=self._layout.unmapped,
            rejects=rejects,
            facts=dict(tally.facts),
            consents=dict(tally.consents),
        )


class _Tally:
    """What one reading of the file counted."""

    def __init__(self, observed_at: datetime) -> None:
        self._observed_at = observed_at
        self.lines = self.copies = self.nobodys = 0
        self.facts: Counter[str] = Counter()
        self.consents: Counter[str] = Counter()
        self.people: set[int] = set()
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None
        self.rejects: list[tuple[str, str, str, str, None]] = []

    def accept(self, said: Iterable[Said], *, lines: int, copies: int) -> None:
        self.lines += lines
        self.copies += copies
        named = False
        for one in said:
            self.facts[one.kind] += 1
            if one.occurred_at != self._observed_at:  # the file itself says when
                self.first_at = min(self.first_at or one.occurred_at, one.occurred_at)
                self.last_at = max(self.last_at or one.occurred_at, one.occurred_at)
            if subject := subject_of(one.identifiers):
                self.people.add(hash(subject))
                named = True
            for words in _consents(one.payload):
                self.consents[words] += 1
        self.nobodys += 0 if named else lines

    def reject(self, group: Sequence[Record], unusable: Unusable) -> None:
        for lines, last_lines, _ in group:
            for first, last in zip(lines, last_lines, strict=True):
                self.rejects.append((str(first), str(last), unusable.code, unusable.value, None))


def _consents(payload: object) -> Iterator[str]:
    if isinstance(payload, ConsentSaid):
        yield f"{payload.channel} {payload.state} {payload.basis}"
    elif isinstance(payload, CustomerSaid) and payload.accepts_email is not None:
        yield f"email {'given' if payload.accepts_email else 'not_given'} imported"


def _fact(said: Said) -> FileFact:
    return FileFact(
        message_id=version_id(said.ref, said.payload),
        kind=said.kind,
        occurred_at=said.occurred_at,
        identifiers=msgspec.json.encode(said.identifiers),
        payload=_encode(said.payload),
        line_count=0,
    )


def _fetched(cursor: Any) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(_FETCH):
        yield from rows
