"""The edge as a shop runs it: a process of its own, spoken to over HTTP."""

import base64
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.story.test_command_line import environ_of, kembali, started


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[tuple[str, str, "subprocess.Popen[bytes]"]]:
    """Yield the edge's address, a public key and its process, in the home that `kembali(tmp_path, …)` speaks to."""
    key = str(kembali(tmp_path, "keys", "create", "site")["key"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "kembali", "edge"],
        env=environ_of(tmp_path) | {"KEMBALI_EDGE_PORT": str(port)},
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{address}/health", timeout=2).close()
            break
        except OSError:
            time.sleep(0.2)
    yield address, key, process
    if process.poll() is None:
        process.terminate()
    process.wait(30)


def test_what_was_acknowledged_survives_the_edges_death(
    edge: tuple[str, str, "subprocess.Popen[bytes]"], tmp_path: Path
) -> None:
    address, key, process = edge
    events = [{"type": "track", "event": "Cart Viewed", "userId": "u1", "messageId": f"m{n}"} for n in range(100)]
    request = urllib.request.Request(
        f"{address}/v1/batch",
        gzip.compress(json.dumps({"batch": [*events, {"type": "[red]shout"}]}).encode()),
        {
            "Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Encoding": "gzip",
        },
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert json.load(answer) == {"success": True}
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)
    assert kembali(tmp_path, "status")["facts"] == {"public:site": 100}
    assert "tracking.track public:site" in started(tmp_path, "events", "tail").stderr
    tally = {"source": "public:site", "reason": "unknown_type", "seen": 1, "kept": 1}
    assert kembali(tmp_path, "events", "rejected") == {"waiting": 1, "reasons": [tally], "parked": []}
    assert "open" in started(tmp_path, "keys", "list").stderr
    listed = kembali(tmp_path, "keys", "list")["keys"]
    assert isinstance(listed, list)
    assert [one["key"] for one in listed] == [key]
    assert kembali(tmp_path, "keys", "revoke", str(listed[0]["id"])) == {"id": listed[0]["id"], "revoked": True}
    assert "revoked" in started(tmp_path, "keys", "list").stderr
    assert kembali(tmp_path, "keys", "revoke", "99", code=1)["error"] == "key_not_found"
    assert kembali(tmp_path, "keys", "create", "Not a name", code=1)["error"] == "bad_source"
