"""Where the real data sets and captured requests lie, for tests that need them."""

import json
from pathlib import Path
from typing import Any

import pytest

_SHARED = Path(__file__).resolve().parents[3] / "shared"
_ROOT = _SHARED / "data"


def real_data(name: str) -> Path:
    """Return the path of a real data file, or skip the test that asks for it."""
    path = _ROOT / name
    if not path.exists():
        pytest.skip(f"needs the real data set {name}, which is not part of this checkout")
    return path


def captured_requests() -> list[dict[str, Any]]:
    """Return what real tracking SDKs sent (method `m`, path `p`, headers `h`, unpacked body `b`); none without them."""
    path = _SHARED / "fixtures" / "sdk_wire_samples.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
