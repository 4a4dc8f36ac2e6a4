"""Make, edit and remove segments."""

from collections.abc import Mapping

from kembali.infra.database import one_transaction
from kembali.kernel.ids import SegmentKey
from kembali.segments.ast import InSegment, Rule, from_data, to_data, walk
from kembali.segments.errors import SegmentInUse, SegmentNotFound
from kembali.segments.models import Segment
from kembali.segments.registry import catalogue
from kembali.segments.rules import check
from kembali.segments.shipped import SHIPPED


def install_shipped() -> None:
    """Add the shipped segments that this shop does not have; never touches an edited one."""
    have = set(Segment.objects.values_list("key", flat=True))
    with one_transaction():
        for shipped in SHIPPED:
            if shipped.key not in have:
                define(key=shipped.key, name=shipped.name, question=shipped.question, rule=shipped.rule)


def define(*, key: SegmentKey, name: str, question: str, rule: Rule) -> int:
    """Make a segment or replace its definition; return its version. Members follow with the next refresh.

    A changed rule is a new version, whose first members are nobody's news: entering by an edit is not a fact.

    Raises:
        BadRule: the rule cannot be used.
    """
    check(rule, catalogue().attributes, all_rules(), key=key)
    with one_transaction():
        row = Segment.objects.select_for_update().filter(key=key).first()
        if row is None:
            return Segment.objects.create(key=key, name=name, question=question, rule=to_data(rule)).version
        if from_data(row.rule) != rule:
            row.rule, row.version = to_data(rule), row.version + 1
            _touch_users(key)
        row.name, row.question = name, question
        row.save()
        return row.version


def remove(key: SegmentKey) -> None:
    """Remove a segment with its history.

    Raises:
        SegmentNotFound: there is none with this key.
        SegmentInUse: another segment refers to it.
    """
    users = _users_of(key)
    if users:
        raise SegmentInUse(f"Segment “{key}” is used by {', '.join(sorted(users))}.")
    with one_transaction():
        if not Segment.objects.filter(key=key).delete()[0]:
            raise SegmentNotFound(f"There is no segment “{key}”.")


def all_rules() -> Mapping[str, Rule]:
    """Return the rule of every segment by key."""
    return {key: from_data(rule) for key, rule in Segment.objects.values_list("key", "rule")}


def _users_of(key: str) -> set[str]:
    return {
        other
        for other, rule in all_rules().items()
        if other != key and any(isinstance(part, InSegment) and part.segment == key for part in walk(rule))
    }


def _touch_users(key: str) -> None:
    """Give every segment that refers to an edited one, directly or not, a new version too."""
    reached: set[str] = set()
    waiting = _users_of(key)
    while waiting:
        reached |= waiting
        waiting = set().union(*(_users_of(user) for user in waiting)) - reached
    for row in Segment.objects.filter(key__in=reached):
        row.version += 1
        row.save(update_fields=["version"])
