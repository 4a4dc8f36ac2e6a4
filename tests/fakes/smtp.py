"""A real mail server for tests: aiosmtpd, which writes every accepted mail durably to a file before it says 250.

In the test's own process: `with SmtpServer(journal) as server`. In a process of its own:
`python -m tests.fakes.smtp JOURNAL` prints its port and serves until its input ends.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from threading import Event, Thread

from aiosmtpd.smtp import SMTP, Envelope, Session

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail the server took responsibility for."""

    sender: str
    recipient: str
    message_id: str
    raw: bytes


@dataclass(slots=True)
class Script:
    """What the server shall answer; empty means yes. Keys are recipients."""

    rcpt: dict[str, list[str]] = field(default_factory=dict)
    data: dict[str, list[str]] = field(default_factory=dict)
    """After the body. "accept and hang up" takes the mail and never says so; "hang up" does not take it either."""
    mails_per_connection: int = 0


class Journal:
    """One JSON line per mail, on the disk before the answer goes out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, delivery: Delivery) -> None:
        line = {
            "sender": delivery.sender,
            "recipient": delivery.recipient,
            "message_id": delivery.message_id,
            "raw": delivery.raw.decode("latin-1"),
        }
        os.write(self._fd, json.dumps(line).encode() + b"\n")
        os.fdatasync(self._fd)

    def close(self) -> None:
        os.close(self._fd)


def read_journal(path: Path) -> list[Delivery]:
    """Return every mail that was accepted, in order."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Delivery(each["sender"], each["recipient"], each["message_id"], each["raw"].encode("latin-1")) for each in lines
    ]


class _Handler:
    def __init__(self, journal: Journal, script: Script) -> None:
        self._journal = journal
        self._script = script
        self._per_connection: dict[int, int] = {}

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        count = self._per_connection[id(session)] = self._per_connection.get(id(session), 0) + 1
        if 0 < self._script.mails_per_connection < count:
            _hang_up(server)
            return "421 4.7.0 too many mails on one connection"
        envelope.mail_from = address
        return "250 2.1.0 ok"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answers := self._script.rcpt.get(address):
            answer = answers.pop(0)
            if answer == "hang up":
                _hang_up(server)
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        recipient, raw = envelope.rcpt_tos[0], envelope.content
        assert isinstance(raw, bytes)
        answers = self._script.data.get(recipient)
        answer = answers.pop(0) if answers else "250 2.0.0 taken"
        if answer.startswith(("250", "accept")):
            message_id = str(message_from_bytes(raw, policy=default)["Message-ID"])
            self._journal.write(Delivery(str(envelope.mail_from), recipient, message_id, raw))
        if "hang up" in answer:
            _hang_up(server)
        return answer


def _hang_up(server: SMTP) -> None:
    transport = server.transport
    assert isinstance(transport, asyncio.Transport)
    transport.abort()


async def _serve(handler: _Handler, told: Callable[[int], None], ended: Callable[[], bool]) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, hostname="mail.test", timeout=60), _HOST, 0)
    told(server.sockets[0].getsockname()[1])
    while not ended():
        await asyncio.sleep(0.02)
    server.close()


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A running server: where it is, what it took, what it shall answer next."""

    port: int
    journal: Path
    script: Script

    @property
    def url(self) -> str:
        return f"smtp://{_HOST}:{self.port}"

    @property
    def deliveries(self) -> list[Delivery]:
        return read_journal(self.journal)


@contextmanager
def smtp_server(journal: Path) -> Iterator[SmtpServer]:
    """Run a server in a thread of this process."""
    script, ended, ready, port = Script(), Event(), Event(), [0]

    def told(number: int) -> None:
        port[0] = number
        ready.set()

    book = Journal(journal)
    thread = Thread(target=lambda: asyncio.run(_serve(_Handler(book, script), told, ended.is_set)), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield SmtpServer(port[0], journal, script)
    finally:
        ended.set()
        thread.join(10)
        book.close()


def _main(journal: Path) -> None:
    ended = Event()

    def wait_for_end() -> None:
        sys.stdin.read()
        ended.set()

    Thread(target=wait_for_end, daemon=True).start()

    def told(number: int) -> None:
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()

    asyncio.run(_serve(_Handler(Journal(journal), Script()), told, ended.is_set))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
