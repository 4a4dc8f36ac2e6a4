"""The command line as a shop uses it: a home of its own, the database started and stopped, one line of JSON."""

import json
import os
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


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a shop of its own")


def kembali(home: Path, *words: str, code: int = 0) -> dict[str, object]:
    """Run one command and return its one line of JSON."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KEMBALI_")}
    environ.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-m", "kembali", *words, "--json"],
        env=environ | {"KEMBALI_HOME": str(home / "home")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
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

    first = kembali(home, "import", str(file), *basics)
    assert (first["lines"], first["accepted"], first["rejected"], first["merged"]) == (4, 3, 1, 0)
    assert (first["orders"], first["customers"], first["revenue_minor"]) == (2, 2, 2550)
    assert first["reasons"] == {"bad_date": 1}
    assert first["unmapped_columns"] == ["colour"]

    again = kembali(home, "import", str(file), "--yes")
    assert (again["accepted"], again["rejected"], again["merged"]) == (0, 1, 3)

    assert kembali(home, "rebuild")["same_as_before"] is True
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
