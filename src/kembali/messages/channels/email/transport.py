"""What every way of handing mails over promises; see also the contract tests."""

from collections.abc import Sequence
from typing import Protocol

from kembali.infra.settings import Settings
from kembali.messages.channels.email.mailbox import MailboxTransport
from kembali.messages.channels.email.smtp import SmtpTransport, read_smtp_url
from kembali.messages.contracts import Mail, Outcome


class Transport(Protocol):
    """A way to hand mails over.

    wave_size: how many mails one `hand_over` takes; all of them are in flight together, so a remote one takes one.
    simulated: nothing leaves this machine.
    """

    name: str
    wave_size: int
    simulated: bool

    def connect(self) -> None:
        """Make sure that a mail can be handed over. Has no effect on any mail.

        Raises:
            TransportUnavailable: not now.
        """

    def hand_over(self, mails: Sequence[Mail]) -> list[Outcome]:
        """Hand over at most `wave_size` mails; return one outcome each, in order. Never raises for a mail."""

    def close(self) -> None:
        """Let go of the connection. Safe to call twice; `connect` opens it again."""


def transport_for(settings: Settings) -> Transport:
    """Return the transport of these settings: the mail server named there, else the built-in mailbox.

    Raises:
        BadTransport: the address of the mail server cannot be understood.
    """
    if settings.smtp_url is None:
        return MailboxTransport()
    return SmtpTransport(read_smtp_url(settings.smtp_url))
