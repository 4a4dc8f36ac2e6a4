"""The built-in mailbox: mails are kept to be read in the dashboard. SIMULATED, nothing leaves this machine."""

from collections.abc import Sequence

import msgspec

from kembali.infra.database import one_transaction
from kembali.messages.channels.email.writing import headers_of
from kembali.messages.contracts import Mail, Outcome

_COPY = (
    "COPY messages_mail (send_id, to_email, to_name, from_line, reply_to, subject, headers, html, text, sent_at) "
    "FROM STDIN"
)


SIMULATED = Outcome("delivered", "simulated")
"""A mail that lies in the mailbox got there: it is stored whole or not at all."""


class MailboxTransport:
    """Stores what would have been sent, at once and for good."""

    name = "mailbox"
    wave_size = 100
    simulated = True

    def connect(self) -> None:
        """Always ready: it lives in the same database."""

    def hand_over(self, mails: Sequence[Mail]) -> list[Outcome]:
        """Store the mails; one that a mail server could not be given fails here too."""
        outcomes: list[Outcome] = []
        rows = []
        for mail in mails:
            try:
                headers = headers_of(mail)
            except ValueError as error:
                outcomes.append(Outcome("failed", f"address: {error}"[:200]))
                continue
            outcomes.append(SIMULATED)
            rows.append((mail, headers))
        _store(rows)
        return outcomes

    def close(self) -> None:
        """Nothing is held open."""


def _store(rows: Sequence[tuple[Mail, tuple[tuple[str, str], ...]]]) -> None:
    with one_transaction() as cursor, cursor.copy(_COPY) as copy:
        for mail, headers in rows:
            copy.write_row(
                (
                    mail.send_id,
                    mail.to_email,
                    mail.to_name,
                    mail.from_line,
                    mail.reply_to,
                    mail.subject,
                    msgspec.json.encode(headers).decode(),
                    mail.html,
                    mail.text,
                    mail.date,
                )
            )
