"""Webhooks leave beside the worker's rounds: a slow receiver keeps no fact waiting, a long refresh no webhook."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kembali.cli.home import wall_clock

log = logging.getLogger("kembali.worker")

_PAUSE_S = 0.5


@contextmanager
def relaying(stop: threading.Event) -> Iterator[None]:
    """Deliver in a thread of its own while the block runs.

    A bug there ends the block by `stop` and is raised after it: the worker is started anew instead of going on half.
    """
    failed: list[BaseException] = []

    def deliver() -> None:
        from django.db import connection

        try:
            _deliver(stop)
        except BaseException as error:  # noqa: BLE001 - carried over to the worker's thread, where it is raised
            failed.append(error)
            stop.set()
        finally:
            connection.close()

    thread = threading.Thread(target=deliver, name="relaying", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)
    if failed:
        raise failed[0]


def _deliver(stop: threading.Event) -> None:
    from django.db import OperationalError, close_old_connections

    from kembali.config import wiring
    from kembali.relay import api as relay

    with relay.Dispatcher() as dispatcher:
        while not stop.is_set():
            try:
                busy = dispatcher.step(at=wiring.shop_now(wall_clock()))
            except OperationalError as error:
                log.warning("the database does not answer, webhooks wait: %s", error)
                busy = 0
                close_old_connections()
            if not busy:
                stop.wait(_PAUSE_S)
