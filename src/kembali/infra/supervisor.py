"""A small supervisor: start some processes, restart those that die, stop all of them when asked."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

_STOP_TIMEOUT_S = 20.0
_HEALTHY_S = 30.0
_MAX_BACKOFF_S = 30.0


@dataclass(slots=True)
class _Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes]
    started_at: float
    failures: int = 0
    restart_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Keeps named commands running until `stop` is called or SIGINT/SIGTERM arrives.

    Children live in sessions of their own, so that Ctrl-C reaches only the supervisor, which then stops them in the
    reverse order of their start. One that dies is restarted: at once the first time, then 2, 4 … 30 seconds later.
    Processes that it had started itself die with it, or they would hold its port and go on with yesterday's code.
    """

    commands: Mapping[str, Sequence[str]]
    say: Callable[[str], None]
    each_second: Callable[[], None]
    _children: list[_Child] = field(default_factory=list, init=False)
    _stopping: bool = field(default=False, init=False)

    def start(self) -> None:
        """Start every command."""
        for name, command in self.commands.items():
            self._children.append(_Child(name, command, _spawn(command), time.monotonic()))

    def run(self) -> None:
        """Watch until told to stop, then stop everything."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        try:
            while not self._stopping:
                self.each_second()
                for child in self._children:
                    self._look_after(child)
                time.sleep(1.0)
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop all children: a polite signal, then, after 20 seconds, a kill."""
        for child in reversed(self._children):
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + _STOP_TIMEOUT_S
        for child in reversed(self._children):
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            _end_what_it_left(child)
        self._children.clear()

    def _ask_to_stop(self, *_: object) -> None:
        self._stopping = True

    def _look_after(self, child: _Child) -> None:
        code = child.process.poll()
        now = time.monotonic()
        if code is None:
            return
        if child.restart_at is None:
            _end_what_it_left(child)
            child.failures = 1 if now - child.started_at > _HEALTHY_S else child.failures + 1
            wait = 0.0 if child.failures == 1 else min(2.0 ** (child.failures - 1), _MAX_BACKOFF_S)
            child.restart_at = now + wait
            self.say(f"{child.name} ended with code {code}; starting it again in {wait:.0f} s")
        if now >= child.restart_at:
            child.process, child.started_at, child.restart_at = _spawn(child.command), now, None


def _end_what_it_left(child: _Child) -> None:
    """Kill the processes that a dead child had started: they are in the session that has its number."""
    with suppress(ProcessLookupError):
        os.killpg(child.process.pid, signal.SIGKILL)


def _spawn(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(list(command), stdin=subprocess.DEVNULL, start_new_session=True)
