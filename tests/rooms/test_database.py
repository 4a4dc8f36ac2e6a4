"""PostgreSQL with two hands, taking turns, and rows taken for new."""

from collections.abc import Iterator
from threading import Barrier, Thread

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import sql

from kembali.infra.database import one_transaction, only_one, raw_cursor, side_by_side
from kembali.infra.inserting import insert_new

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE made_thing (id int PRIMARY KEY, seen int DEFAULT 1)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE made_thing")


def things() -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, seen FROM made_thing ORDER BY id")
        return list(cursor.fetchall())


def server_process() -> int:
    with raw_cursor() as cursor:
        return cursor.connection.info.backend_pid


def test_several_pieces_are_done_two_at_once_and_answered_in_order() -> None:
    meet = Barrier(2, timeout=20)

    def work(number: int) -> tuple[int, int]:
        meet.wait()
        return number, server_process()

    done = side_by_side(work, [1, 2, 3, 4])
    assert [number for number, _ in done] == [1, 2, 3, 4]
    assert server_process() not in {process for _, process in done}


def test_a_single_piece_is_done_in_the_callers_transaction(made: None) -> None:
    def work(number: int) -> int:
        with one_transaction() as cursor:
            cursor.execute("INSERT INTO made_thing (id) VALUES (%s)", (number,))
        return server_process()

    with one_transaction():
        assert side_by_side(work, [1]) == [server_process()]
        transaction.set_rollback(True)
    assert things() == []


def test_a_failing_piece_is_heard_of_and_leaves_the_others_done(made: None) -> None:
    def work(number: int) -> None:
        with one_transaction() as cursor:
            cursor.execute("INSERT INTO made_thing (id) VALUES (%s)", (number,))
            cursor.execute("SELECT 1 / (3 - %s)", (number,))

    with pytest.raises(psycopg.errors.DivisionByZero):
        side_by_side(work, [1, 2, 3, 4])
    assert [number for number, _ in things()] == [1, 2, 4]


def test_who_waits_for_a_turn_comes_after_the_other() -> None:
    order: list[str] = []

    def other() -> None:
        try:
            with only_one("made", wait=True):
                order.append("other")
        finally:
            connection.close()

    with only_one("made") as mine, only_one("made", wait=True):
        assert mine
        waiting = Thread(target=other)
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
        order.append("mine")
    waiting.join(20)
    assert order == ["mine", "other"]


def test_rows_that_are_not_new_after_all_take_the_other_way(made: None) -> None:
    def insert(first: int, last: int) -> int:
        rows = sql.SQL("INSERT INTO made_thing (id) SELECT generate_series({}, {}) ").format(first, last)
        with one_transaction() as cursor:
            return insert_new(cursor, rows, on_conflict=sql.SQL("ON CONFLICT (id) DO UPDATE SET seen = 2"))

    assert insert(1, 2) == 2
    assert insert(2, 3) == 2
    assert things() == [(1, 1), (2, 2), (3, 1)]
