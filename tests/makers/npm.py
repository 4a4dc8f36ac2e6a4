"""Packages of npm for tests: fetched once into an ignored folder, by the lock file beside the scripts that use them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def fetch_packages(folder: Path) -> None:
    """Fetch what a folder's lock file names, unless it is there. Skips the test where Node.js or the packages are not.

    With `KEMBALI_REQUIRE_NODE=1` nothing is skipped.
    """
    lock, seen = folder / "package-lock.json", folder / "node_modules" / ".package-lock-seen"
    if seen.exists() and seen.read_bytes() == lock.read_bytes():
        return
    is_required = os.environ.get("KEMBALI_REQUIRE_NODE") == "1"
    if not is_required and not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("needs Node.js and npm")
    npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    done = subprocess.run(npm, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode and not is_required:
        pytest.skip(f"npm could not fetch the packages of {folder.name}: {done.stderr.strip()[-300:]}")
    assert done.returncode == 0, done.stderr
    shutil.copyfile(lock, seen)
