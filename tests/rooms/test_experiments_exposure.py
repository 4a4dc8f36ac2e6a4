"""Assignment is stored once, equal on every engine, and survives merges."""

from datetime import UTC, datetime, timedelta

import duckdb
import ibis
import pyarrow as pa
import pytest

from kembali.experiments import api as experiments
from kembali.infra.database import raw_cursor
from kembali.kernel.ids import CustomerId
from kembali.shop import api as shop

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, tzinfo=UTC)
SALT, PERCENT = "win_back", 20


def people(count: int) -> list[CustomerId]:
    found = shop.resolve_customers([{"customer_ref": f"r{number}"} for number in range(count)], at=AT)
    return [customer_id for customer_id in found if customer_id is not None]


def merge(one: str, other: str) -> None:
    first, second = shop.resolve_customers([{"customer_ref": one}, {"customer_ref": other}], at=AT)
    assert first is not None
    assert second is not None
    shop.merge(first, second, at=AT)


def test_python_postgresql_and_duckdb_assign_alike() -> None:
    ids = [CustomerId(number) for number in (0, 1, 2**31, 2**62, *range(1000, 6000))]
    threshold = experiments.holdout_threshold(PERCENT)
    here = [experiments.arm_of(SALT, each, PERCENT) == "holdout" for each in ids]
    with raw_cursor() as cursor:
        cursor.execute(
            "SELECT md5(%s || ':' || id), md5(%s || ':' || id) < %s "
            "FROM unnest(%s::bigint[]) WITH ORDINALITY AS t (id, n) "
            "ORDER BY n",
            (SALT, SALT, threshold, ids),
        )
        in_postgresql = cursor.fetchall()
    table = ibis.memtable(pa.table({"id": ids, "n": list(range(len(ids)))}))
    engine = ibis.duckdb.from_connection(duckdb.connect())
    expression = table.mutate(held=experiments.in_holdout(table["id"], SALT, PERCENT)).order_by("n")
    in_duckdb = engine.to_pyarrow(expression)["held"].to_pylist()
    assert [row[0] for row in in_postgresql] == [experiments.assignment_hash(SALT, each) for each in ids]
    assert [row[1] for row in in_postgresql] == here == in_duckdb
    assert 900 < sum(here) < 1110  # four standard errors around 20 % of 5,004


def test_spark_gets_the_same_expression() -> None:
    table = ibis.table({"id": "int64"}, name="t")
    sql = str(ibis.to_sql(table.mutate(held=experiments.in_holdout(table["id"], SALT, PERCENT)), dialect="pyspark"))
    assert "MD5(CONCAT('win_back:', CAST(`t0`.`id` AS STRING))) < '33333333333333333333333333333333'" in sql


def test_the_first_arm_stays_whatever_the_share_becomes() -> None:
    ids = people(50)
    first = experiments.expose_many("flow:a", ids, holdout_percent=PERCENT, salt=SALT, at=AT)
    assert first == {each: experiments.arm_of(SALT, each, PERCENT) for each in ids}
    again = experiments.expose_many("flow:a", ids, holdout_percent=90, salt="other", at=AT + timedelta(days=1))
    assert again == first
    assert {each.exposed_at for each in experiments.list_exposures("flow:a")} == {AT}
    other = experiments.expose_many("flow:b", ids, holdout_percent=100, salt=SALT, at=AT)
    assert set(other.values()) == {"holdout"}


def test_somebody_exposed_before_a_merge_keeps_that_arm() -> None:
    first, second = people(2)
    experiments.expose_many("flow:a", [second], holdout_percent=100, salt=SALT, at=AT)
    merge("r0", "r1")
    assert experiments.expose_many("flow:a", [first], holdout_percent=0, salt=SALT, at=AT) == {first: "holdout"}
    assert experiments.crossed_of("flow:a") == set()


def test_a_merge_of_both_arms_is_reported_and_left_out() -> None:
    first, second, third = people(3)
    experiments.expose_many("flow:a", [first, third], holdout_percent=0, salt=SALT, at=AT)
    experiments.expose_many("flow:a", [second], holdout_percent=100, salt=SALT, at=AT)
    merge("r0", "r1")
    root = shop.root_of([first])[first]
    assert experiments.crossed_of("flow:a") == {root}
    assert set(experiments.arms_of("flow:a")) == {third}


def test_two_ids_of_one_person_never_part() -> None:
    ids = people(40)
    for number in range(0, 40, 2):
        merge(f"r{number}", f"r{number + 1}")
    experiments.expose_many("flow:a", ids, holdout_percent=50, salt=SALT, at=AT)
    assert len(set(shop.root_of(ids).values())) == 20
    assert experiments.crossed_of("flow:a") == set()


def test_there_is_no_global_holdout_until_the_shop_sets_one() -> None:
    ids = people(200)
    assert experiments.globally_held_out(ids, at=AT) == set()
    experiments.set_global_holdout(holdout_percent=10, salt="g", at=AT)
    held_out = experiments.globally_held_out(ids, at=AT)
    assert held_out == {each for each in ids if experiments.arm_of("g", each, 10) == "holdout"}
    experiments.set_global_holdout(holdout_percent=60, salt="other", at=AT)
    assert experiments.globally_held_out(ids, at=AT) == held_out


def test_a_share_that_cannot_be_stores_nothing() -> None:
    ids = people(2)
    with pytest.raises(experiments.BadHoldout):
        experiments.expose_many("flow:a", ids, holdout_percent=101, salt=SALT, at=AT)
    assert experiments.list_exposures("flow:a") == []
