"""The processes: web, edge and worker, and `up`, which supervises all of them for a small shop."""

import logging
import signal
import sys
import threading
import time
from typing import Annotated

import typer

from kembali.cli.home import migrate, opened_database, opened_home, start_django, wall_clock
from kembali.cli.output import console
from kembali.cli.relaying import relaying
from kembali.infra.postgres import EmbeddedPostgres
from kembali.infra.settings import Settings
from kembali.infra.supervisor import Supervisor

log = logging.getLogger("kembali.worker")

_MOST_HEADER_BYTES = 64 * 1024

Seconds = Annotated[float, typer.Option(help="Pause between two rounds when there is nothing to do.")]


def web() -> None:
    """Serve the dashboard and the shoppers' pages."""
    with opened_database() as settings:
        _serve("kembali.config.wsgi:application", "wsgi", settings.bind_host, settings.port)


def edge() -> None:
    """Serve the raw door for browsers and SDKs."""
    with opened_database() as settings:
        _serve("kembali.edge.app:application", "asgi", settings.bind_host, settings.edge_port)


def worker(every: Seconds = 1.0) -> None:
    """Do what is due: fold facts, refresh insight, move journeys, send, tell other programs. As many as you like."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with opened_home():
        from kembali.config import wiring

        wiring.register()
        log.info("worker started")
        with relaying(stop):
            _work(stop, every)
        log.info("worker stopped")


def _work(stop: threading.Event, every: float) -> None:
    import psycopg
    from django.db import OperationalError, close_old_connections

    from kembali.config import wiring

    while not stop.is_set():
        try:
            busy = wiring.tick(wiring.shop_now(wall_clock())).busy
        except (OperationalError, psycopg.OperationalError) as error:
            log.warning("the database does not answer, trying again: %s", error)
            busy = False
            close_old_connections()
        if not busy:
            stop.wait(every)


def up() -> None:
    """Start everything: database, web, edge and worker. Ctrl-C stops everything."""
    with opened_database() as settings:
        start_django()
        migrate()
        from kembali.accounts import api as accounts

        owners = accounts.list_staff()
        hint = "" if owners else "  No staff yet: kembali staff add you@yourshop.example"
        console.print(f"kembali is at [bold]{settings.base_url}[/]{hint}\nCtrl-C stops everything.")
        supervise(settings)
    console.print("Stopped.")


def supervise(settings: Settings) -> None:
    """Run web, edge and worker until asked to stop, and keep the embedded database alive meanwhile."""
    me = [sys.executable, "-m", "kembali"]
    postgres = None if settings.database_url else EmbeddedPostgres(settings.home)
    last_look = 0.0

    def keep_database() -> None:
        nonlocal last_look
        if postgres and time.monotonic() - last_look > 5:
            last_look = time.monotonic()
            if not postgres.is_running():
                console.print("The embedded database ended; starting it again.")
                postgres.ensure_running()

    supervisor = Supervisor(
        commands={name: [*me, name] for name in ("web", "edge", "worker")},
        say=console.print,
        each_second=keep_database,
    )
    supervisor.start()
    supervisor.run()


def _serve(target: str, interface: str, host: str, port: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings, HTTP2Settings
    from granian.log import LogLevels

    Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces(interface),
        workers=1,
        blocking_threads=4 if interface == "wsgi" else None,
        log_level=LogLevels.warning,
        websockets=False,
        # A request's headers must fit in here; as large as they come by default, strangers could fill the memory.
        http1_settings=HTTP1Settings(max_buffer_size=_MOST_HEADER_BYTES),
        http2_settings=HTTP2Settings(max_headers_size=_MOST_HEADER_BYTES),
    ).serve()
