"""Facts as rows of a binary COPY. That PostgreSQL takes them is shown by everything else."""

from datetime import UTC, datetime
from itertools import permutations

import msgspec
import pytest

from kembali.collect.contracts import NewFact
from kembali.collect.errors import BadFact
from kembali.collect.log.packing import log_rows

AT = datetime(2032, 3, 1, 12, tzinfo=UTC)
FACT = NewFact(source="shop", message_id="m1", kind="test", occurred_at=AT, payload={})


def test_writers_with_the_same_facts_ask_for_them_in_one_order_so_that_none_waits_for_the_other() -> None:
    facts = [
        msgspec.structs.replace(FACT, source=source, message_id=message_id)
        for source, message_id in (("a", "ü"), ("a", "z"), ("b", "1"))
    ]
    assert len({log_rows(order, received_at=AT) for order in permutations(facts)}) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"payload": b'{"a": "\\u0000"}'}, "U\\+0000"),
        ({"occurred_at": AT.replace(tzinfo=None)}, "no time zone"),
        ({"message_id": "m\0"}, "U\\+0000"),
        ({"identifiers": {"email": "a\0"}}, "U\\+0000"),
        ({"message_id": ""}, "1 to 200 characters"),
        ({"message_id": "m" * 201}, "1 to 200 characters"),
        ({"message_id": "half \ud83d"}, "half a character"),
        ({"identifiers": {"email": "\ud83d"}}, "half a character"),
    ],
)
def test_a_fact_that_cannot_be_stored_is_named(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(BadFact, match=words):
        log_rows([FACT, msgspec.structs.replace(FACT, **wrong)], received_at=AT)
