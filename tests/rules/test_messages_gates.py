"""The send gate: each check, its value, and the smallest change that turns it."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kembali.consent.api import Permission
from kembali.messages.contracts import FrequencyCap, SendPolicy
from kembali.messages.rules.caps import free_from
from kembali.messages.rules.gates import Snapshot, decide
from kembali.messages.rules.quiet import quiet_until

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
YES = Permission(
    allowed=True, basis="opt_in", reason="given", consented=True, suppressed_by=None, since=NOON - timedelta(days=90)
)
NO = Permission(allowed=False, basis=None, reason="never asked", consented=False, suppressed_by=None, since=None)
OPEN = Snapshot(
    at=NOON,
    purpose="marketing",
    expires_at=NOON + timedelta(days=3),
    has_address=True,
    permission=YES,
    globally_held_out=False,
    contacts=(),
    began=False,
    policy=SendPolicy(),
    zone=LONDON,
)


def test_a_request_that_passes_everything_goes_and_every_gate_says_what_it_saw() -> None:
    decision = decide(OPEN)
    assert decision.verdict == "send"
    assert [(gate.name, gate.passed, gate.value) for gate in decision.gates] == [
        ("not sent before", True, "first time"),
        ("has an address", True, "e-mail known"),
        ("not suppressed", True, "not on the list"),
        ("consent", True, "given (opt_in)"),
        ("not held out", True, "not in the global holdout"),
        ("not expired", True, "until 2026-03-07 12:00"),
        ("outside quiet hours", True, "12:00"),
        ("under the frequency cap", True, "0 of 1 in 3 days, 0 of 4 in 30 days"),
    ]
    assert all(gate.flip == "" for gate in decision.gates)


@pytest.mark.parametrize(
    ("snapshot", "verdict", "gate", "flip"),
    [
        (replace(OPEN, has_address=False), "withhold", "has an address", "An e-mail address for this person."),
        (replace(OPEN, permission=NO), "withhold", "consent", "Consent to marketing by e-mail."),
        (
            replace(OPEN, permission=replace(YES, allowed=False, suppressed_by="bounce")),
            "withhold",
            "not suppressed",
            "Taking the address off the suppression list.",
        ),
        (replace(OPEN, globally_held_out=True), "withhold", "not held out", "None: the arm is kept for good."),
        (replace(OPEN, began=True), "withhold", "not sent before", "None: one hand-over per send key."),
        (replace(OPEN, expires_at=NOON), "expire", "not expired", "A later expiry of the step."),
        (
            replace(OPEN, at=NOON + timedelta(hours=10)),
            "defer",
            "outside quiet hours",
            "Waiting until 2026-03-05 08:00.",
        ),
        (
            replace(OPEN, contacts=[NOON - timedelta(days=1)]),
            "defer",
            "under the frequency cap",
            "Waiting until 2026-03-06 12:00.",
        ),
    ],
)
def test_each_gate_alone_stops_the_message_and_names_what_would_turn_it(
    snapshot: Snapshot, verdict: str, gate: str, flip: str
) -> None:
    decision = decide(snapshot)
    assert (decision.verdict, decision.reason) == (verdict, gate)
    assert [(each.name, each.flip) for each in decision.gates if not each.passed] == [(gate, flip)]


def test_all_gates_are_judged_even_when_the_first_one_stops_the_message() -> None:
    decision = decide(replace(OPEN, has_address=False, permission=NO, contacts=[NOON], expires_at=NOON))
    failed = [gate.name for gate in decision.gates if not gate.passed]
    assert failed == ["has an address", "consent", "not expired", "under the frequency cap"]
    assert decision.verdict == "withhold"


def test_service_messages_know_no_quiet_hours_no_caps_and_no_holdout() -> None:
    night = replace(OPEN, purpose="service", at=NOON + timedelta(hours=11), contacts=[NOON] * 9, globally_held_out=True)
    assert decide(night).verdict == "send"


def test_a_deferral_lasts_until_every_reason_for_it_is_over_and_never_beyond_the_expiry() -> None:
    night = replace(OPEN, at=NOON + timedelta(hours=10), contacts=[NOON])
    assert decide(night).until == NOON + timedelta(days=3)  # the cap ends later than the night
    soon = replace(night, expires_at=NOON + timedelta(hours=11))
    assert decide(soon).until == NOON + timedelta(hours=11)


@given(st.lists(st.integers(0, 40 * 24), max_size=12))
def test_a_cap_frees_at_an_instant_that_keeps_it_and_no_earlier(hours_ago: list[int]) -> None:
    caps = (FrequencyCap(1, 3), FrequencyCap(4, 30))
    contacts = [NOON - timedelta(hours=each) for each in hours_ago]
    free = free_from(contacts, caps, NOON)

    def kept(at: datetime) -> bool:
        return all(sum(each > at - cap.window for each in contacts) < cap.count for cap in caps)

    assert kept(free)
    assert free == NOON or not kept(free - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("local", "ends"),
    [
        ("2026-03-04T20:59", None),
        ("2026-03-04T21:00", "2026-03-05T08:00"),
        ("2026-03-05T07:59", "2026-03-05T08:00"),
        ("2026-03-05T08:00", None),
        ("2026-03-28T23:00", "2026-03-29T08:00"),  # one hour shorter
        ("2026-10-24T23:00", "2026-10-25T08:00"),  # one hour longer
    ],
)
def test_a_night_ends_at_the_same_reading_of_the_clock_whatever_its_length(local: str, ends: str | None) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=LONDON).astimezone(UTC)
    found = quiet_until(at, LONDON, time(21), time(8))
    expected = None if ends is None else datetime.fromisoformat(ends).replace(tzinfo=LONDON).astimezone(UTC)
    assert found == expected


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    assert quiet_until(NOON, LONDON, time(12), time(14)) == NOON + timedelta(hours=2)
    assert quiet_until(NOON, LONDON, time(8), time(8)) is None
