"""A real `kembali edge` process on the test database, and a shop's site beside it on another port."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from kembali.accounts import api as accounts
from kembali.infra.postgres import conninfo_of

_FACTS = """
SELECT kind, message_id, identifiers, occurred_at, received_at, payload
FROM collect_fact WHERE source = %s
ORDER BY coalesce(payload ->> 'timestamp', payload ->> 'originalTimestamp'), seq
"""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A fact as the log has it."""

    kind: str
    message_id: str
    identifiers: dict[str, str]
    occurred_at: datetime
    received_at: datetime
    payload: dict[str, Any]

    @property
    def name(self) -> str:
        """What happened: the name of a track call, else the call."""
        return str(self.payload.get("event") or self.kind.removeprefix("tracking."))


@dataclass(frozen=True, slots=True)
class Edge:
    """Where the process listens, and what it wrote. Reads without Django: a browser's loop may run in this thread."""

    address: str
    conninfo: str
    process: "subprocess.Popen[bytes]"

    def facts(self, source: str, count: int, *, patience_s: float = 15) -> list[Arrived]:
        """Return a source's facts as soon as there are `count`; whatever is there when time is up.

        In the order their sender's clock gives them.
        """
        deadline = time.monotonic() + patience_s
        with psycopg.connect(self.conninfo, autocommit=True) as reader:
            while len(rows := reader.execute(_FACTS, (source,)).fetchall()) < count and time.monotonic() < deadline:
                time.sleep(0.1)
        return [Arrived(*row) for row in rows]


def key_of(source: str, *, is_public: bool = True) -> str:
    """Return a new key."""
    return accounts.create_key(source, is_public=is_public, at=datetime.now(UTC))


@contextmanager
def running_edge(home: Path) -> Iterator[Edge]:
    """The edge as `kembali up` starts it, answering from the test database."""
    conninfo = f"{conninfo_of(settings.KEMBALI)} dbname={connection.settings_dict['NAME']}"
    port = _free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KEMBALI_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "kembali", "edge"],
        env=environ | {"KEMBALI_HOME": str(home), "KEMBALI_EDGE_PORT": str(port), "KEMBALI_DATABASE_URL": conninfo},
        start_new_session=True,
    )
    edge = Edge(f"http://127.0.0.1:{port}", conninfo, process)
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{edge.address}/health", timeout=2).close()
                break
            except OSError:
                time.sleep(0.1)
        yield edge
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass(slots=True)
class Site:
    """A shop's own pages by their path, under `localhost`: for a browser another origin than the edge's.

    `scripts` are served as they are; an address with a query gets the page of its path.
    """

    pages: dict[str, str] = field(default_factory=dict)
    scripts: dict[str, Path] = field(default_factory=dict)
    address: str = ""


@contextmanager
def running_site(pages: Mapping[str, str], scripts: Mapping[str, Path] | None = None) -> Iterator[Site]:
    """A web server with these pages."""
    site = Site(dict(pages), dict(scripts or {}))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            script, page = site.scripts.get(path), site.pages.get(path)
            body = script.read_bytes() if script else (page or "").encode()
            self.send_response(200 if script or page is not None else 404)
            self.send_header("content-type", "text/javascript" if script else "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.address = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
