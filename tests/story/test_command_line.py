"""The command line as a shop uses it: a home of its own, the database started and stopped, one line of JSON."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ORDERS = """order_id,created_at,email,sku,title,quantity,unit_price,colour
1001,2026-05-01 10:00:00,ann@example.com,TEA,Green tea,2,4.50,green
1001,2026-05-01 10:00:00,ann@example.com,CUP,Cup,1,12.00,white
1002,2026-05-02 11:30:00,bob@example.com,TEA,Green tea,1,4.50,green
1003,not a date,bob@example.com,TEA,Green tea,1,4.50,green
"""
PAID_IN_GERMAN = """order_id,created_at,email,sku,title,quantity,unit_price,status
1,2026-05-01 10:00:00,ann@example.com,TEA,Green tea,2,4.50,paid
1,2026-05-01 10:00:00,ann@example.com,CUP,Cup,1,12.00,bezahlt
2,2026-05-02 11:30:00,bob@example.com,TEA,[/] \x1b[2J,1,4.50,bezahlt
3,not a date,bob@example.com,TEA,Green tea,1,4.50,paid
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a shop of its own")


def environ_of(home: Path) -> dict[str, str]:
    """Return the environment of a command in a home of its own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KEMBALI_")}
    environ.pop("DJANGO_SETTINGS_MODULE", None)
    return environ | {"KEMBALI_HOME": str(home / "home")}


def started(home: Path, *words: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "kembali", *words],
        env=environ_of(home) | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    return done


def kembali(home: Path, *words: str, code: int = 0) -> dict[str, object]:
    """Run one command and return its one line of JSON."""
    done = started(home, *words, "--json", code=code)
    lines = done.stdout.splitlines()
    assert len(lines) == 1, done.stdout
    found: dict[str, object] = json.loads(lines[0])
    return found


def test_a_shop_imports_looks_and_asks_the_doctor(home: Path) -> None:
    file = home / "orders.csv"
    file.write_text(ORDERS, encoding="utf-8")

    asked = kembali(home, "import", str(file), "--yes", code=1)
    assert asked["error"] == "needs_an_answer"

    basics = ("--currency", "EUR", "--tz", "Europe/Berlin", "--yes")
    planned = kembali(home, "import", str(file), *basics, "--dry-run")
    assert (planned["accepted"], planned["rejected"], planned["merged"]) == (3, 1, 0)
    told = started(home, "import", str(file), *basics, "--dry-run").stderr
    assert re.search(r"sum of all lines +25.50 EUR", told), told
    assert re.search(r"kept as properties +colour", told), told

    first = kembali(home, "import", str(file), *basics)
    assert (first["lines"], first["accepted"], first["rejected"], first["merged"]) == (4, 3, 1, 0)
    assert (first["orders"], first["customers"], first["revenue_minor"]) == (2, 2, 2550)
    assert first["reasons"] == {"bad_date": 1}
    assert first["unmapped_columns"] == ["colour"]

    again = kembali(home, "import", str(file), "--yes")
    assert (again["accepted"], again["rejected"], again["merged"]) == (0, 1, 3)

    rebuilt = kembali(home, "rebuild")
    assert (rebuilt["facts"], rebuilt["same_as_before"]) == (2, True)
    assert kembali(home, "demo", "--build-only", code=1)["error"] == "home_is_taken"
    status = kembali(home, "status")
    assert status["facts"] == {"generic": 2}
    assert status["mail"] == "built-in mailbox (SIMULATED)"
    assert kembali(home, "doctor")["ok"] is True
    assert kembali(home, "replay", "--from", "2026-01-01", "--to", "2026-06-01")["enrolled"] == 0
    assert kembali(home, "journeys", "launch", "win_back")["version"] == 1
    assert kembali(home, "proof") == {"proofs": []}
    link = kembali(home, "staff", "add", "ann@example.com")
    assert str(link["url"]).startswith("http://127.0.0.1:8300/sign-in/")


def test_an_unknown_flow_is_an_error_a_person_can_act_on(home: Path) -> None:
    found = kembali(home, "journeys", "launch", "no_such_flow", code=1)
    assert found["error"] == "playbook_not_found"


def test_rejected_lines_are_shown_and_join_their_orders_once_the_mapping_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(PAID_IN_GERMAN, encoding="utf-8")
    assert "every line that came was understood" in started(tmp_path, "rejects").stderr
    assert kembali(tmp_path, "import", code=1)["error"] == "no_file"
    assert kembali(tmp_path, "import", "--mappings") == {"mappings": {}}
    imported = kembali(tmp_path, "import", str(file), "--currency", "EUR", "--tz", "Europe/Berlin", "--yes")
    number = str(imported["import_id"])

    def waiting() -> list[tuple[object, ...]]:
        found = kembali(tmp_path, "rejects")
        lines = found["lines"]
        assert isinstance(lines, list)
        assert found["waiting"] == len(lines)
        return [(str(one["import_id"]), one["file"], one["line"], one["code"]) for one in lines]

    kept = [
        (number, "orders.csv", 3, "bad_status"),
        (number, "orders.csv", 4, "bad_status"),
        (number, "orders.csv", 5, "bad_date"),
    ]
    assert waiting() == kept
    shown = started(tmp_path, "rejects")
    assert shown.stdout == ""
    assert "2,2026-05-02 11:30:00,bob@example.com,TEA,[/]  [2J,1,4.50,bezahlt" in shown.stderr

    again = ("rejects", "--replay", number)
    assert kembali(tmp_path, "rejects", "--map", "email=sku", code=1)["error"] == "needs_an_import"
    assert kembali(tmp_path, "rejects", "--replay", "999999", code=1)["error"] == "import_not_found"
    assert kembali(tmp_path, *again, "--map", "order_ref=no_such_column", code=1)["error"] == "bad_mapping"

    mended = (*again, "--map", "status.bezahlt=paid")
    assert kembali(tmp_path, *mended) == {"import_id": int(number), "accepted": 2, "rejected": 1}
    assert waiting() == kept[2:]
    assert kembali(tmp_path, "rebuild")["same_as_before"] is True  # the shop had been folded
    people_read = started(tmp_path, *mended).stderr
    assert "now part of an order  0" in people_read
    assert "still rejected        1" in people_read


def test_people_are_merged_and_taken_apart(home: Path) -> None:
    file = home / "orders.csv"
    file.write_text(ORDERS, encoding="utf-8")
    kembali(home, "import", str(file), "--currency", "EUR", "--tz", "Europe/Berlin", "--yes")
    assert kembali(home, "people", "conflicts") == {"open": 0, "pairs": []}
    assert kembali(home, "people", "merge", "1", "2") == {"person": 1}
    assert kembali(home, "people", "unmerge", "2", "--yes") == {"person": 2, "customers": [2]}
    assert kembali(home, "people", "placeholders", "--add", "Kasse@*") == {"placeholders": ["kasse@*"]}


def test_a_folder_is_one_import_and_its_wrong_lines_leave_as_a_table(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (exports / "people.jsonl").write_text(
        '{"email": "ann@example.com", "newsletter": true}\n{"email": "nobody", "newsletter": false}\n', encoding="utf-8"
    )
    (exports / "notes.txt").write_text("nothing;of;interest\n", encoding="utf-8")
    words = ("import", str(exports), "--yes", "--currency", "EUR", "--tz", "Europe/Berlin")
    done = kembali(tmp_path, *words)
    assert [done[name] for name in ("lines", "accepted", "rejected", "merged")] == [6, 4, 2, 0]
    imports = done["imports"]
    assert isinstance(imports, list)
    assert [(one["kind"], one["lines"]) for one in imports] == [("customers", 2), ("orders", 4)]
    left_out = done["not_understood"]
    assert isinstance(left_out, dict)
    assert list(left_out) == ["notes.txt"]
    target = tmp_path / "wrong.csv"
    assert kembali(tmp_path, "rejects", "--download", str(target))["lines"] == 1
    assert "“not a date” is not a date between 1970 and 2199." in target.read_text(encoding="utf-8-sig")
