"""DuckDB as kembali uses it."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from kembali.lake.engine import connect


@pytest.mark.parametrize("memory", ["512MiB", "1.5 GiB"])
def test_its_memory_is_the_start_up_setting(tmp_path: Path, memory: str) -> None:
    with override_settings(KEMBALI=replace(settings.KEMBALI, analytics_memory=memory)):
        backend = connect(temp_dir=tmp_path)
    found = backend.con.execute("SELECT current_setting('memory_limit'), current_setting('TimeZone')").fetchone()
    backend.disconnect()
    assert found is not None
    assert str(found[0]).replace(" ", "").replace(".0", "") == memory.replace(" ", "")
    assert found[1] == "UTC"
