"""What import-linter cannot see: doors, second doors, heavy imports, and names of other rooms' tables in SQL."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

import kembali

SOURCE = Path(kembali.__file__).parent
GROUND = {"kernel", "infra"}
ENTRY = {"cli", "config"}
ROOMS = sorted(p.name for p in SOURCE.iterdir() if (p / "__init__.py").exists() and p.name not in GROUND)


def python_files(room: str) -> Iterator[Path]:
    return (p for p in (SOURCE / room).rglob("*.py") if "migrations" not in p.parts)


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("room", [r for r in ROOMS if r not in ENTRY])
def test_a_room_enters_another_only_by_its_api(room: str) -> None:
    trespasses = [
        f"{path.relative_to(SOURCE)} imports {module}"
        for path in python_files(room)
        for module in imported_modules(path)
        if (parts := module.split("."))[0] == "kembali"
        and len(parts) > 1
        and parts[1] in ROOMS
        and parts[1] != room
        and not (len(parts) > 2 and parts[2] == ("door" if room == "edge" else "api"))
    ]
    assert trespasses == []


@pytest.mark.parametrize(
    "room", [r for r in ROOMS if (SOURCE / r / "rules.py").exists() or (SOURCE / r / "rules").exists()]
)
def test_rules_are_pure(room: str) -> None:
    """Rules touch no framework, database, network, clock or randomness of their own."""
    forbidden = ("django", "psycopg", "socket", "smtplib", "urllib.request", "random", "kembali.infra")
    files = [p for p in python_files(room) if p.name == "rules.py" or "rules" in p.parts]
    impure = [
        f"{path.name} imports {module}"
        for path in files
        for module in imported_modules(path)
        if module.startswith(forbidden)
    ]
    clocks = [p.name for p in files if re.search(r"datetime\.now\(|time\.time\(|date\.today\(", p.read_text("utf-8"))]
    assert impure == []
    assert clocks == []


@pytest.mark.parametrize("room", [r for r in ROOMS if r not in ENTRY])
def test_no_room_reads_another_rooms_tables(room: str) -> None:
    tables = {
        model._meta.db_table: model._meta.app_label for model in apps.get_models() if model._meta.app_label in ROOMS
    }
    strangers = {table for table, owner in tables.items() if owner != room}
    found = [
        f"{path.relative_to(SOURCE)}:{node.lineno} names {word}"
        for path in python_files(room)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in set(re.findall(r"[a-z]+_[a-z_]+", node.value)) & strangers
    ]
    assert found == []


def test_business_time_is_an_argument() -> None:
    """SQL never calls now() outside infra, and only entry points read a wall clock."""
    offenders = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).parts[0] not in {"infra", "cli", "web", "edge"}
        and re.search(r"\bnow\(\)|datetime\.now|timezone\.now|CURRENT_TIMESTAMP", path.read_text(encoding="utf-8"))
        and "migrations" not in path.parts
    ]
    assert offenders == []


def modules_after_importing(module: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}, sys; print('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_the_edge_loads_neither_django_nor_analytics() -> None:
    loaded = modules_after_importing("kembali.edge.app")
    assert loaded.isdisjoint({"django", "ibis", "duckdb", "scipy", "numpy"})


def test_the_web_loads_no_analytics() -> None:
    loaded = modules_after_importing("kembali.config.wsgi, kembali.web.urls")
    assert loaded.isdisjoint({"ibis", "duckdb", "scipy"})


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=3)
