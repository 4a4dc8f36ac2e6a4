"""Third-party files are exactly the ones that were reviewed."""

import hashlib
from pathlib import Path

import kembali.web

VENDOR = Path(kembali.web.__file__ or "").parent / "static" / "vendor"


def _listed() -> dict[str, str]:
    lines = (VENDOR / "CHECKSUMS.txt").read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def test_every_vendored_file_has_the_listed_checksum() -> None:
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in VENDOR.iterdir()}
    del found["CHECKSUMS.txt"]
    assert found == _listed()


def test_every_vendored_script_ships_its_licence() -> None:
    assert {"htmx-LICENSE.txt", "echarts-LICENSE.txt", "echarts-NOTICE.txt"} <= set(_listed())
