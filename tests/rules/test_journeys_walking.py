"""One person's way through a flow: waits, branches, exits, and the receipts on the way."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kembali.journeys.rules.conditions import Known
from kembali.journeys.rules.lengths import in_words, length_of, wait_over_at
from kembali.journeys.rules.parsing import parse_flow
from kembali.journeys.rules.program import compile_flow
from kembali.journeys.rules.triggering import Arrival, first_of_each, in_turn, is_fresh, occurrence_key, rested
from kembali.journeys.rules.walking import FINISHED, Walk, walk
from tests.rules.test_journeys_flows import BRANCHED

LONDON = ZoneInfo("Europe/London")
AT = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
PROGRAM = compile_flow(parse_flow(BRANCHED))


def go(step: str, *, waiting: bool = False, known: Known | None = None, at: datetime = AT) -> Walk:
    return walk(PROGRAM, step=step, waiting=waiting, known=known or Known(), at=at, tz=LONDON)


def test_from_the_entry_a_person_is_sent_the_first_mail_and_waits() -> None:
    walked = go("ask")
    assert [send.template for send in walked.sends] == ["ask"]
    assert [(made.step, made.decision) for made in walked.made] == [("ask", "requested"), ("two_days", "waits")]
    assert (walked.step, walked.due_at, walked.end_reason) == ("two_days", AT + timedelta(days=2), None)


def test_a_wait_counts_from_when_the_step_before_was_done() -> None:
    late = AT + timedelta(days=5)  # nobody moved this person for five days
    assert go("ask", at=late).due_at == late + timedelta(days=2)


def test_a_branch_takes_the_first_lane_that_holds_and_says_what_it_saw() -> None:
    known = Known(messages=frozenset({("ask", "opened")}))
    walked = go("two_days", waiting=True, known=known)
    assert [send.template for send in walked.sends] == ["thanks"]
    assert walked.step == "pause"
    assert walked.made[1].decision == "lane 1"
    assert walked.made[1].reason["lanes"] == [{"lane": 1, "when": "the message “ask” was opened", "holds": True}]


def test_a_lane_that_exits_ends_the_stay() -> None:
    walked = go("two_days", waiting=True, known=Known(traits={"order_count": 5.0}))
    assert (walked.step, walked.due_at, walked.end_reason) == (None, None, FINISHED)
    assert walked.sends == ()


def test_an_unknown_trait_holds_nowhere_and_the_last_lane_takes_the_rest() -> None:
    walked = go("two_days", waiting=True, known=Known(traits={"order_count": None}))
    assert [made.decision for made in walked.made] == ["passed", "lane 3", "requested", "left"]
    assert [send.template for send in walked.sends] == ["last"]
    assert walked.end_reason == "through"


@pytest.mark.parametrize(
    ("start", "until", "over"),
    [
        # 15:00 in London: ten o'clock is tomorrow's, in winter time and in summer time
        (datetime(2026, 11, 21, 15, tzinfo=UTC), "10:00", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        (datetime(2026, 7, 21, 14, tzinfo=UTC), "10:00", datetime(2026, 7, 22, 9, tzinfo=UTC)),
        # at ten sharp it is over at once
        (datetime(2026, 11, 21, 10, tzinfo=UTC), "10:00", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        # 01:30 happens twice on 25 October 2026: the earlier one counts, and from between the two it is tomorrow's
        (datetime(2026, 10, 24, 23, 45, tzinfo=UTC), "01:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "01:30", datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
        # 01:30 never happens on 29 March 2026: half past two, an hour later on the wall, is the same instant
        (datetime(2026, 3, 29, 0, 10, tzinfo=UTC), "01:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_local_time_of_day_comes_once_a_day(start: datetime, until: str, over: datetime) -> None:
    assert wait_over_at(start, length=timedelta(0), until=until, tz=LONDON) == over


@given(
    minutes=st.integers(0, 10 * 366 * 1440),
    hours=st.integers(0, 500),
    minute_of_day=st.integers(0, 1439),
)
def test_a_wait_is_never_shorter_than_said_nor_a_day_longer(minutes: int, hours: int, minute_of_day: int) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    length = timedelta(hours=hours)
    until = f"{minute_of_day // 60:02}:{minute_of_day % 60:02}"
    over = wait_over_at(start, length=length, until=until, tz=LONDON)
    assert timedelta(0) <= over - (start + length) <= timedelta(hours=25)


def test_lengths_are_read_exactly() -> None:
    assert length_of("48 h") == timedelta(hours=48)
    assert length_of("0.1 days") == timedelta(minutes=144)
    assert length_of("2 weeks") == timedelta(days=14)
    assert in_words(timedelta(days=1, hours=3)) == "1 day 3 h"
    assert in_words(timedelta(minutes=40)) == "40 min"


def test_history_and_the_future_never_trigger() -> None:
    live_since = AT - timedelta(days=30)

    def fresh(occurred_at: datetime) -> bool:
        return is_fresh(occurred_at, live_since=live_since, window=timedelta(hours=48), at=AT)

    assert fresh(AT)
    assert fresh(AT - timedelta(hours=47, minutes=59))
    assert not fresh(AT - timedelta(hours=48))
    assert not fresh(AT + timedelta(seconds=1))
    assert not is_fresh(AT, live_since=AT, window=timedelta(hours=48), at=AT)  # the launch itself is not after it


def test_the_occurrence_is_the_occasion_and_the_local_day() -> None:
    assert occurrence_key("entered idle_loyal", AT.date()) == "entered idle_loyal:2026-11-21"


def test_a_person_may_enter_again_when_the_rest_is_over() -> None:
    half_year = timedelta(days=180)
    assert rested(AT, None, again_after=half_year)
    assert not rested(AT, AT - half_year + timedelta(seconds=1), again_after=half_year)
    assert rested(AT, AT - half_year, again_after=half_year)


def test_in_turn_drops_those_who_come_again_too_soon() -> None:
    def day(number: int, customer_id: int = 1) -> Arrival:
        return Arrival(customer_id, AT + timedelta(days=number))

    arrivals = [day(200), day(0), day(100), day(180), day(90, 2)]
    assert list(in_turn(arrivals, again_after=timedelta(days=180))) == [day(0), day(90, 2), day(180)]
    assert first_of_each(arrivals) == [day(0), day(90, 2)]
