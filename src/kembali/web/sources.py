"""Where facts come from, as Data & health tells it: how much, how late, and whether it has gone quiet."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext

from kembali.collect import api as collect
from kembali.web import formatting
from kembali.web.pages.health import SourceRow
from kembali.web.pages.parts import Tag

_DAYS_DRAWN = 14
_DAYS_REMEMBERED = 28  # of a source's own rhythm
_OURS = frozenset({"kembali", "segments", "journeys", "messages", "consent", "shopper", "relay"})
_HALF, _NEARLY_ALL = 0.5, 0.95


def source_rows(at: datetime) -> Iterator[SourceRow]:
    """Yield every source, the latest first."""
    since = at - timedelta(days=_DAYS_REMEMBERED)
    hours, lags = collect.hours_of_sources(since=since), collect.lags_of_sources(since=since)
    for one in collect.list_sources():
        theirs = hours.get(one.source, [])
        yield SourceRow(
            name=one.source,
            kind=_kind(one.source),
            last_fact_at=one.last_received_at,
            lag=_lag(lags.get(one.source, {})),
            fact_count=one.fact_count,
            volume=_days(theirs, at),
            state=_state(one, [hour for hour, _ in theirs], lags.get(one.source, {}), at),
        )


def _kind(source: str) -> str:
    if source in _OURS:
        return gettext("written by kembali itself")
    if source.startswith("public:"):
        return gettext("events of pages and apps, which anybody can send")
    if source.startswith("trusted:"):
        return gettext("events of your own servers")
    return gettext("orders and customers")


def _days(hours: list[tuple[datetime, int]], at: datetime) -> tuple[int, ...]:
    """Return facts a day, the oldest first, today last."""
    counts = [0] * _DAYS_DRAWN
    for hour, count in hours:
        if (age := (at - hour).days) < _DAYS_DRAWN:
            counts[_DAYS_DRAWN - 1 - max(age, 0)] += count
    return tuple(counts)


def _lag(counts: Mapping[int, int]) -> str:
    half, most = (collect.lag_class_at(share, counts) for share in (_HALF, _NEARLY_ALL))
    if half is None or most is None:
        return ""
    words = (gettext("half within %(half)s, nearly all within %(most)s"), gettext("nearly all within %(most)s"))
    ends = [formatting.duration(int(collect.LAG_CLASSES[lag_class])) for lag_class in (half, most)]
    return words[half == most] % {"half": ends[0], "most": ends[1]}


def _state(one: collect.SourceHealth, hours: list[datetime], lags: Mapping[int, int], at: datetime) -> Tag:
    if one.source in _OURS or collect.lag_class_at(_HALF, lags) is None:
        return Tag(gettext("✓ kept"), "back")  # what came is history: it is not expected to go on coming
    silence = collect.silent_since(hours, last_received_at=one.last_received_at, at=at)
    if silence is None:
        return Tag(gettext("✓ flowing"), "back")
    return Tag(gettext("▲ quiet for %(span)s") % {"span": formatting.duration(int(silence.total_seconds()))}, "away")
