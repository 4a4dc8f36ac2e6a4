"""Files as nobody exports them: whatever is in one, it is read or refused in words, in bounded time, line by line."""

import gzip
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from kembali.collect import api as collect
from kembali.collect.files.reading import read_file
from kembali.collect.models import Fact, RejectedLine
from kembali.kernel.errors import KembaliError
from kembali.shop import api as shop
from tests.makers.spreadsheets import write_xlsx

AT = datetime(2032, 3, 1, 12, tzinfo=UTC)
_SLOWEST_S = 5.0  # of processor time, with a database of its own made and thrown away

_TABLES: Sequence[Sequence[Sequence[str]]] = (
    (
        ("order_id", "created_at", "email", "sku", "title", "quantity", "price", "total", "status"),
        ("1", "2026-05-01 10:00:00", "ann@example.com", "TEA", "Tea, green", "2", "4.50", "9.00", "paid"),
        ("1", "2026-05-01 10:00:00", "ann@example.com", "MUG", "Mug\nwith handle", "1", "9", "", ""),
        ("2", "2026-10-25 02:30", "bob@example.com", "", "", "", "", "7", "cancelled"),
    ),
    (
        ("customer_id", "email", "first_name", "accepts_email", "consented_at", "consent_source", "withdrawn_at"),
        ("1", "ann@example.com", "Ann", "yes", "2025-03-01 10:00", "form", ""),
        ("'2", "bob@example.com", "Bob", "no", "", "", "2026-01-01"),
    ),
    (
        ("Handle", "Title", "Vendor", "Option1 Name", "Option1 Value", "Variant SKU", "Variant Price", "Status"),
        ("mug", "Mug", "Acme", "Colour", "Red", "M-R", "9.50", "active"),
        ("mug", "", "", "", "Blue", "M-B", "9.90", ""),
    ),
    (
        ("event_time", "event_type", "product_id", "category_id", "price", "user_id", "user_session"),
        ("2026-05-01 10:00:00 UTC", "view", "P1", "7", "19.90", "7", "s1"),
        ("1777629600", "purchase", "P1", "7", "19.90", "8", "s2"),
    ),
    (
        ("order_id", "shipped_at", "promised_at", "delivered_at", "tracking_number"),
        ("1", "2026-05-01", "2026-05-04", "2026-05-06", "'00340"),
    ),
    (
        ("review_id", "product_id", "rating", "body", "created_at"),
        ("r1", "P1", "4", "Nice", "2026-05-09"),
    ),
)
_CELLS = (
    *("", " ", "\0", "\ufeff", "'", '"', '""', "=cmd|' /C'!A0", "-1", "1e308", "1,5", "9" * 400, "NaN", "٣", "x" * 300),
    *("2032-13-45", "0001-01-01", "31.02.2026", "24:00", "99999999999999", "yes", "perhaps", "{}", "a@b", "\u2028"),
)
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32", "shift_jis", "cp037")


def files(folder: Path, *, count: int, seed: int) -> Iterator[Path]:
    """Yield mutated files, one after the other: tables changed by chance, written in any way, then changed as bytes."""
    chance = random.Random(seed)
    for number in range(count):
        path = folder / f"{number % 7}.dat"
        _write(path, _other_cells(chance), chance)
        if chance.random() < 0.5:
            path.write_bytes(_other_bytes(path.read_bytes(), chance))
        yield path


def _other_cells(chance: random.Random) -> list[list[str]]:
    rows = [list(row) for row in chance.choice(_TABLES)]
    rows += [list(chance.choice(rows[1:])) for _ in range(chance.randint(0, 6))]
    for _ in range(chance.randint(0, 4)):
        row = chance.choice(rows)
        match chance.randrange(5):
            case 0:
                row[chance.randrange(len(row))] = chance.choice(_CELLS)
            case 1:
                row.append(chance.choice(_CELLS))
            case 2 if len(row) > 1:
                del row[chance.randrange(len(row))]
            case 3:
                chance.shuffle(row)
            case _:
                other = chance.choice(chance.choice(_TABLES))
                row[chance.randrange(len(row))] = chance.choice(other)
    return rows


def _write(path: Path, rows: list[list[str]], chance: random.Random) -> None:
    match chance.randrange(8):
        case 0:
            lines = [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
            path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
        case 1:
            write_xlsx(path, [[_plain(cell) for cell in row] for row in rows])
        case 2:
            width = len(rows[0])
            names = [f'"{number} {name}"' for number, name in enumerate(_plain(cell) for cell in rows[0])]
            cells = [[*row, *[""] * width][:width] for row in rows[1:]]
            with duckdb.connect() as connection:
                connection.execute(f"CREATE TABLE t ({', '.join(name + ' VARCHAR' for name in names)})")
                connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * width)})", cells)
                connection.table("t").write_parquet(str(path))
        case way:
            delimiter, quote = chance.choice(",;\t|"), chance.choice(('"', '"', ""))
            text = chance.choice(("\n", "\r\n", "\r")).join(
                delimiter.join(f"{quote}{cell}{quote}" if delimiter in cell or "\n" in cell else cell for cell in row)
                for row in rows
            )
            data = text.encode(chance.choice(_ENCODINGS), "replace")
            path.write_bytes(gzip.compress(data) if way == 3 else data)


def _plain(name: str) -> str:
    return name.replace("\0", "").replace('"', "")


def _other_bytes(data: bytes, chance: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        place = chance.randint(0, len(made))
        end = min(len(made), place + chance.choice((1, 2, 8, 64)))
        match chance.randrange(5):
            case 0:
                del made[place:]
            case 1:
                del made[place:end]
            case 2:
                made[place:end] = chance.randbytes(end - place)
            case 3:
                made[place:place] = made[place:end]
            case _:
                made[place:place] = chance.choice((b"\0", b"\xff", b'"', b"\r", b",", b"PAR1", b"\x1f\x8b"))
    return bytes(made)


@pytest.mark.parametrize("count", [60, pytest.param(3_000, marks=pytest.mark.slow)])
def test_every_file_is_read_to_its_last_line_or_refused_in_words(tmp_path: Path, count: int) -> None:
    outcomes, slowest = Counter[str](), 0.0
    for number, path in enumerate(files(tmp_path, count=count, seed=count)):
        started = time.process_time()
        try:
            with read_file(path, currency="EUR", time_zone="Europe/Berlin", observed_at=AT, work_dir=tmp_path) as file:
                facts = [one for batch in file.facts() for one in batch]
                rejects = [one for batch in file.rejects() for one in batch]
                summary = file.summary
        except KembaliError as refused:
            outcomes[refused.code if refused.message else "said nothing"] += 1
            continue
        except Exception as error:
            error.add_note(f"file {number} of seed {count}: {path.read_bytes()[:400]!r}")
            raise
        slowest = max(slowest, time.process_time() - started)
        assert summary.lines == summary.accepted + summary.rejected == file.lines, number
        assert summary.accepted == sum(one.line_count for one in facts), number
        assert summary.rejected == len(rejects), number
        assert all(one.reason for one in rejects), number
        outcomes["facts"] += len(facts)
        outcomes["rejects"] += len(rejects)
    assert not outcomes["said nothing"]
    assert slowest < _SLOWEST_S
    assert not list(tmp_path.glob("import-*")), "nothing is left behind"
    assert outcomes["facts"] > count / 4
    assert outcomes["rejects"] > count / 20
    assert outcomes.total() > outcomes["facts"] + outcomes["rejects"], "some files are refused"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [12, pytest.param(400, marks=pytest.mark.slow)])
def test_whatever_was_read_the_log_takes(tmp_path: Path, count: int) -> None:
    shop.set_up_shop(name="Lantern & Co", currency="EUR", time_zone="Europe/Berlin")
    accepted = rejected = 0
    for path in files(tmp_path, count=count, seed=count + 1):
        try:
            result = collect.import_file(path, currency="EUR", time_zone="Europe/Berlin", at=AT)
        except KembaliError:
            continue
        assert result.lines == result.accepted + result.rejected + result.merged
        accepted, rejected = accepted + result.accepted, rejected + result.rejected
    assert (Fact.objects.exists(), RejectedLine.objects.count()) == (accepted > 0, rejected)
