"""Workers to be killed: for every line on its input this process forks one that delivers, and prints its pid.

A line is `MODE SECONDS`: the mode, and how far business time has moved on. Modes:
  work              deliver until killed
  die               deliver, and die by SIGKILL right after the provider's answer, before anything is written down
  work-resend       as `work`, but sabotaged: hand-overs of dead workers go back into the queue
  die-resend        both
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.conf import settings
from django.db import connection

if TYPE_CHECKING:  # rooms can only be imported after django.setup()
    from kembali.messages.api import Mail, Outcome

LEASE = timedelta(seconds=2)
_DIE_AFTER = 7
_RESEND = """
UPDATE messages_send SET state = 'requested', lease_until = NULL
WHERE state = 'handing_over' AND lease_until < clock_timestamp() AND wire_outcome IS NULL
"""


class _DyingTransport:
    """A real connection to a mail server, in a process that does not live to hear about it."""

    name, wave_size, simulated = "smtp", 1, False

    def __init__(self) -> None:
        from kembali.messages.api import transport_for

        self._real = transport_for(settings.KEMBALI)
        self._left = _DIE_AFTER

    def connect(self) -> None:
        self._real.connect()

    def hand_over(self, mails: "Sequence[Mail]") -> "list[Outcome]":
        outcomes = self._real.hand_over(mails)
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return outcomes

    def close(self) -> None:
        self._real.close()


def _deliver_for_ever(mode: str, seconds: float) -> None:
    from kembali.messages import api as messages
    from tests.makers.sending import AT

    transport = _DyingTransport() if mode.startswith("die") else None
    while True:
        if mode.endswith("resend"):
            with connection.cursor() as cursor:
                cursor.execute(_RESEND)
        if not messages.deliver_due(at=AT + timedelta(seconds=seconds), lease=LEASE, transport=transport):
            time.sleep(0.05)


def main(templates: Path) -> None:
    """Serve until the input ends."""
    django.setup()
    from kembali.messages import api as messages

    messages.register_templates("tests", templates)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system reaps
    for line in sys.stdin:
        mode, seconds = line.split()
        pid = os.fork()
        if pid == 0:
            _deliver_for_ever(mode, float(seconds))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
