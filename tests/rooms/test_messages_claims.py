"""Claims on real connections: an unsubscription wins, leases end, fences hold, two workers share."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from django.conf import settings
from django.db import connection, transaction

from kembali.consent import api as consent
from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.messages import api as messages
from kembali.messages.channels.email.mailbox import MailboxTransport
from kembali.messages.services.claiming import Taken, begin, take_due
from kembali.messages.services.composing import compose
from kembali.messages.services.pending import Pending
from kembali.messages.services.settling import settle, settle_lost
from tests.makers.sending import AT, ask_for, customers, open_shop, request, write_templates

pytestmark = pytest.mark.django_db(transaction=True)
LEASE = timedelta(seconds=30)
GONE = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def a_shop(tmp_path: Path) -> None:
    open_shop()
    write_templates(tmp_path / "templates")


def in_thread(work: Callable[[], None]) -> Thread:
    """Run on a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run, daemon=True)
    thread.start()
    return thread


def take(lease: timedelta = LEASE) -> Taken:
    return take_due(at=AT, limit=50, lease=lease, holdout=False)


def begin_all(taken: Taken, lease: timedelta = LEASE) -> list[Pending]:
    assert taken.batch is not None
    return begin(taken.passed, taken.batch, finished=[], at=AT, lease=lease)


def stop(customer_id: CustomerId) -> None:
    consent.unsubscribe(consent.unsubscribe_token(customer_id, "email", "marketing"), at=AT, source="one_click")


def states(keys: Sequence[str]) -> list[str]:
    return [messages.receipt_of(key).state for key in keys]


def waits_for_a_lock() -> bool:
    with raw_cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchall()[0][0])


def until(condition: Callable[[], bool]) -> bool:
    pause = Event()
    return any(condition() or pause.wait(0.02) for _ in range(250))


def test_an_unsubscription_between_taking_and_beginning_wins() -> None:
    (ann,) = customers(1)
    (key,) = ask_for([ann])
    taken = take()
    assert len(taken.passed) == 1
    stop(ann)
    assert begin_all(taken) == []
    messages.deliver_due(at=AT)
    assert states([key]) == ["withheld"]
    assert messages.count_mailbox() == 0


def test_a_claim_waits_for_an_unsubscription_under_way_and_then_sees_it() -> None:
    (ann,) = customers(1)
    ask_for([ann])
    taken = take()
    stopped, may_commit = Event(), Event()

    def unsubscribe_slowly() -> None:
        with transaction.atomic():
            stop(ann)
            stopped.set()
            may_commit.wait(10)

    begun: list[list[Pending]] = []
    other = in_thread(unsubscribe_slowly)
    assert stopped.wait(10)
    claim = in_thread(lambda: begun.append(begin_all(taken)))
    assert until(waits_for_a_lock)
    assert begun == []
    may_commit.set()
    other.join(10)
    claim.join(10)
    assert begun == [[]]


def test_an_unsubscription_waits_for_a_claim_under_way() -> None:
    (ann,) = customers(1)
    ask_for([ann])
    taken = take()
    with transaction.atomic():
        assert len(begin_all(taken)) == 1
        other = in_thread(lambda: stop(ann))
        assert until(waits_for_a_lock)
        assert other.is_alive()
    other.join(10)
    assert not consent.permissions_of([ann], channel="email", purpose="marketing")[ann].allowed


def test_two_workers_never_get_two_messages_past_one_cap() -> None:
    (ann,) = customers(1)
    messages.request_sends([request(ann, "a")], at=AT)
    first = take()
    messages.request_sends([request(ann, "b")], at=AT)
    second = take()
    assert len(first.passed) == len(second.passed) == 1
    with transaction.atomic():
        assert len(begin_all(first)) == 1
        begun: list[list[Pending]] = []
        other = in_thread(lambda: begun.append(begin_all(second)))
        assert until(waits_for_a_lock)
    other.join(10)
    assert begun == [[]]


def test_workers_share_the_work_and_send_everything_once() -> None:
    ask_for(customers(300))

    def work() -> None:
        while messages.deliver_due(at=AT):
            pass

    workers = [in_thread(work) for _ in range(3)]
    for worker in workers:
        worker.join(60)
    assert messages.counts_by_state("win_back") == {"sent": 300}
    assert messages.count_mailbox() == 300


def test_what_a_dead_worker_only_took_is_taken_again_after_its_lease() -> None:
    people = customers(5)
    keys = ask_for(people)
    assert len(take(GONE).passed) == 5
    messages.deliver_due(at=AT)
    assert states(keys) == ["sent"] * 5


def test_what_a_live_worker_took_is_nobody_elses() -> None:
    people = customers(5)
    ask_for(people)
    assert len(take().passed) == 5
    assert take().count == 0
    assert messages.deliver_due(at=AT) == 0


def test_a_worker_whose_lease_ended_cannot_begin() -> None:
    people = customers(5)
    ask_for(people)
    late = take(GONE)
    assert begin_all(late) == []
    again = take()
    assert begin_all(late) == []  # somebody else holds them now
    assert len(begin_all(again)) == 5


def test_a_hand_over_a_dead_worker_began_is_unknown_listed_and_never_sent() -> None:
    ann, bob = customers(2)
    keys = ask_for([ann, bob])
    assert len(begin_all(take(), GONE)) == 2
    messages.deliver_due(at=AT + timedelta(days=1))
    assert states(keys) == ["unknown", "unknown"]
    assert [each.send_key for each in messages.list_unknown()] == keys[::-1]
    assert messages.count_mailbox() == 0


def test_an_answer_that_was_kept_survives_its_worker() -> None:
    people = customers(3)
    keys = ask_for(people)
    taken = take()
    assert taken.batch is not None
    first, second, third = taken.passed
    done = [(first, messages.Outcome("sent", "250 ok")), (second, messages.Outcome("failed", "550 no"))]
    begin([first, second], taken.batch, finished=[], at=AT, lease=GONE)
    begin([third], taken.batch, finished=done, at=AT, lease=GONE)
    assert settle_lost(at=AT) == 3
    assert states(keys) == ["sent", "failed", "unknown"]


def test_an_answer_after_the_lease_mends_an_unknown_and_an_old_fence_changes_nothing() -> None:
    ann, bob = customers(2)
    keys = ask_for([ann, bob])
    taken = take()
    first, second = begin_all(taken, GONE)
    settle_lost(at=AT)
    assert settle([(first, messages.Outcome("sent", "250 ok"))], at=AT) == 1
    stale = Pending(**{name: getattr(second, name) for name in Pending.__slots__} | {"fence": second.fence - 1})
    assert settle([(stale, messages.Outcome("sent", "250 ok"))], at=AT) == 0
    assert states(keys) == ["sent", "unknown"]


def test_a_worker_paused_beyond_its_lease_hands_nothing_over() -> None:
    class Slow(MailboxTransport):
        def connect(self) -> None:
            Event().wait(0.2)

    (ann,) = customers(1)
    (key,) = ask_for([ann])
    messages.deliver_due(at=AT, lease=timedelta(seconds=0.15), transport=Slow(), limit=1)
    assert messages.count_mailbox() == 0
    messages.deliver_due(at=AT + timedelta(minutes=2))
    assert states([key]) == ["sent"]


def test_a_mail_that_lies_in_the_mailbox_is_delivered_although_its_worker_died() -> None:
    ann, bob = customers(2)
    keys = ask_for([ann, bob])
    taken = take()
    assert taken.batch is not None
    first, _ = begin_all(taken, GONE)
    written, _ = compose([first], taken.batch, settings.KEMBALI, at=AT)
    MailboxTransport().hand_over([mail for _, mail in written])
    assert settle_lost(at=AT) == 2
    assert states(keys) == ["sent", "unknown"]
