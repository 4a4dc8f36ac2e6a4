"""The lake follows PostgreSQL: incremental, rebuildable, one consistent state, nothing personal in it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql

from kembali.infra.database import one_transaction
from kembali.infra.postgres import conninfo_of
from kembali.lake import api as lake
from kembali.lake import registry
from kembali.lake.files import read_manifest
from kembali.lake.reading import arrow_schema

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
CANARY = "canary.person@example.net"
THINGS = lake.LakeTable(
    name="things",
    columns={
        "thing_id": "int64",
        "size": "int16",
        "weight": "float64",
        "place": "string",
        "made_on": "date",
        "made_at": "timestamp",
    },
    key="thing_id",
    select=(
        "SELECT id AS thing_id, size, weight, place, made_at::date AS made_on, made_at, live AS is_live, "
        "xid::text::bigint AS row_xid FROM made_thing WHERE xid >= ':since'::xid8"
    ),
)


@pytest.fixture(autouse=True)
def things(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_tables", {})
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE made_thing (id bigint PRIMARY KEY, size smallint, weight float8, place text, email text, "
            "made_at timestamptz, live bool DEFAULT true, xid xid8 DEFAULT pg_current_xact_id())"
        )
        cursor.execute(
            "INSERT INTO made_thing (id, size, weight, place, email, made_at) "
            "SELECT n, n %% 7, n / 8.0, CASE WHEN n %% 3 = 0 THEN 'Malmö' END, %s, %s FROM generate_series(1, 5000) n",
            [CANARY, AT],
        )
    lake.register(THINGS)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE made_thing")


def conninfo() -> str:
    return f"{conninfo_of(settings.KEMBALI)} dbname={connection.settings_dict['NAME']}"


def change(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def rows(folder: Path) -> list[dict[str, object]]:
    with lake.open_lake(folder) as opened:
        found: list[dict[str, object]] = opened.arrow(opened.table("things").order_by("thing_id")).to_pylist()
        return found


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """A home may lie anywhere: with a space, a quote and a percent sign in its path."""
    folder = tmp_path / "a shop's 100 % own"
    folder.mkdir()
    return folder


def test_the_first_export_copies_everything_with_the_declared_types(tmp_path: Path) -> None:
    assert lake.export(tmp_path, conninfo()) == lake.Exported(rebuilt=True, rows={"things": 5000})
    with lake.open_lake(tmp_path) as opened:
        table = opened.arrow(opened.table("things"))
    assert table.schema.equals(arrow_schema(THINGS.columns))
    first = rows(tmp_path)[2]
    assert first == {
        "thing_id": 3, "size": 3, "weight": 0.375, "place": "Malmö", "made_on": AT.date(), "made_at": AT,
    }  # fmt: skip


def test_nothing_personal_is_in_any_file(tmp_path: Path) -> None:
    lake.export(tmp_path, conninfo())
    change("UPDATE made_thing SET size = 1, xid = pg_current_xact_id() WHERE id < 20")
    lake.export(tmp_path, conninfo())
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 4
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []


def test_later_exports_read_only_what_changed_and_end_where_a_rebuild_does(tmp_path: Path) -> None:
    lake.export(tmp_path, conninfo())
    change("UPDATE made_thing SET size = 6, xid = pg_current_xact_id() WHERE id <= 10")
    change("UPDATE made_thing SET live = false, xid = pg_current_xact_id() WHERE id IN (11, 12)")
    change("INSERT INTO made_thing (id, size, made_at) VALUES (9001, 1, '2026-02-01Z')")
    assert lake.export(tmp_path, conninfo()) == lake.Exported(rebuilt=False, rows={"things": 13})
    assert lake.export(tmp_path, conninfo()).rows == {"things": 0}
    change("UPDATE made_thing SET live = true, size = 2, xid = pg_current_xact_id() WHERE id = 11")
    lake.export(tmp_path, conninfo())
    little_by_little = rows(tmp_path)
    assert len(little_by_little) == 5000
    assert lake.export(tmp_path, conninfo(), rebuild=True).rebuilt
    assert rows(tmp_path) == little_by_little


def test_many_changes_are_folded_into_the_base_and_the_dead_are_still_told(tmp_path: Path) -> None:
    lake.export(tmp_path, conninfo())
    before = read_manifest(tmp_path)
    assert before is not None
    change("UPDATE made_thing SET live = false, xid = pg_current_xact_id() WHERE id <= 2000")
    lake.export(tmp_path, conninfo())
    after = read_manifest(tmp_path)
    assert after is not None
    assert after.tables["things"].changed_version is None
    assert [row["thing_id"] for row in rows(tmp_path)] == list(range(2001, 5001))
    with lake.open_lake(tmp_path) as opened:
        told = opened.arrow(opened.changed_rows("things", before))
        assert opened.arrow(opened.past_table("things", before)).num_rows == 5000
    assert set(told.column("thing_id").to_pylist()) == set(range(1, 2001))


def test_a_transaction_that_commits_late_is_not_skipped(tmp_path: Path) -> None:
    with psycopg.connect(conninfo()) as late:
        late.execute("INSERT INTO made_thing (id, size, made_at) VALUES (9001, 1, '2026-02-01Z')")
        lake.export(tmp_path, conninfo())
        change("INSERT INTO made_thing (id, size, made_at) VALUES (9002, 1, '2026-02-01Z')")
        lake.export(tmp_path, conninfo())
        late.commit()
    lake.export(tmp_path, conninfo())
    assert {row["thing_id"] for row in rows(tmp_path)} >= {9001, 9002}


def test_lost_files_are_written_anew(tmp_path: Path) -> None:
    lake.export(tmp_path, conninfo())
    for path in (tmp_path / "things" / "base").glob("*.parquet"):
        path.unlink()
    assert lake.export(tmp_path, conninfo()).rebuilt
    assert len(rows(tmp_path)) == 5000


def test_a_query_with_other_columns_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    lake.export(tmp_path, conninfo())
    before = read_manifest(tmp_path)
    lake.register(
        lake.LakeTable(name="things", columns={"thing_id": "int64"}, key="thing_id", select=f"{THINGS.select}")
    )
    with pytest.raises(lake.LakeTableMismatch, match="things"):
        lake.export(tmp_path, conninfo())
    assert read_manifest(tmp_path) == before


def test_an_unwritten_lake_and_an_unknown_table_say_so(tmp_path: Path) -> None:
    with pytest.raises(lake.LakeNotReady), lake.open_lake(tmp_path):
        pass
    lake.export(tmp_path, conninfo())
    with lake.open_lake(tmp_path) as opened, pytest.raises(lake.UnknownLakeTable):
        opened.table("nothing")


def test_arrow_rows_survive_the_way_into_postgresql_and_back() -> None:
    columns: dict[str, lake.ColumnType] = {
        "n": "int64",
        "small": "int16",
        "x": "float64",
        "word": "string",
        "at": "timestamp",
        "yes": "bool",
    }
    table = pa.table(
        {
            "n": [1, -2, 3, None],
            "small": [1, None, 3, 4],
            "x": [0.5, None, -1e300, 2.0],
            "word": ["Café", "a", None, 'b,c"d'],
            "at": [AT, None, datetime(1969, 12, 31, tzinfo=UTC), AT],
            "yes": [True, False, None, True],
        },
        schema=arrow_schema(columns),
    )
    with one_transaction() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE made_copy (n bigint, small smallint, x float8, word text, at timestamptz, yes bool) "
            "ON COMMIT DROP"
        )
        lake.copy_arrow(cursor, "made_copy", columns, table)
        back = lake.read_arrow(cursor, sql.SQL("SELECT * FROM made_copy").format(), columns)
    key = [("at", "ascending"), ("n", "ascending")]
    assert back.sort_by(key) == table.sort_by(key)


def test_numbers_come_back_column_by_column() -> None:
    columns: dict[str, lake.ColumnType] = {
        "n": "int64",
        "small": "int16",
        "x": "float64",
        "at": "timestamp",
        "yes": "bool",
    }
    rows = [(-5, 7, 0.5, AT, True), (2**60, -1, -1e300, datetime(1969, 12, 31, tzinfo=UTC), False)]
    values = sql.SQL(", ").join(sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in rows)
    query = sql.SQL(
        "SELECT n::bigint, small::smallint, x::float8, at, yes FROM (VALUES {}) AS v(n, small, x, at, yes)"
    ).format(values)
    with one_transaction() as cursor:
        found = lake.read_numbers(cursor, query, columns)
        nothing = lake.read_numbers(cursor, query + sql.SQL(" WHERE false"), columns)
    assert [tuple(row.values()) for row in found.to_pylist()] == rows
    assert nothing.schema == found.schema == arrow_schema(columns)
    assert nothing.num_rows == 0
    with one_transaction() as cursor, pytest.raises(ValueError, match="null"):
        lake.read_numbers(
            cursor, sql.SQL("SELECT nullif(n, 2) AS n FROM generate_series(1, 3) n").format(), {"n": "int64"}
        )
