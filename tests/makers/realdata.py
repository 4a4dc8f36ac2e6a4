"""Where the real data sets lie, for tests that need them."""

from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[3] / "shared" / "data"


def real_data(name: str) -> Path:
    """Return the path of a real data file, or skip the test that asks for it."""
    path = _ROOT / name
    if not path.exists():
        pytest.skip(f"needs the real data set {name}, which is not part of this checkout")
    return path
