"""Fold while something else fills the log: two cores instead of one."""

import gc
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from kembali.collect.contracts import Consumer
from kembali.collect.log.consuming import run_consumer

_PAUSE_S = 0.02


@contextmanager
def following(consumers: Sequence[Consumer], *, at: datetime) -> Iterator[None]:
    """Run `consumers` in a thread of its own while the block runs, and until all have caught up.

    What a consumer raises is raised at the end of the block. Any number of workers may run them meanwhile.
    """
    done = threading.Event()
    failed: list[BaseException] = []

    def follow() -> None:
        try:
            while True:
                finished = done.is_set()  # asked before looking, so that the last look sees everything
                handled = sum(run_consumer(consumer, at=at) for consumer in consumers)
                if finished and not handled:
                    return
                if not handled:
                    done.wait(_PAUSE_S)
        except BaseException as error:  # noqa: BLE001 - carried over to the caller's thread, where it is raised
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=follow, name="following")
    with _no_collector():
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
    if failed:
        raise failed[0]


@contextmanager
def _no_collector() -> Iterator[None]:
    """Pause the cycle collector: batches of facts hold no cycles, and walking them takes a fifth of the folding."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
