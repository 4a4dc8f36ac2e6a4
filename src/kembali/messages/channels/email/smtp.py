"""A real mail server over one connection, with an honest answer for every mail.

The line that matters is the server's 354: before it nothing can have been accepted, so a failure may be retried; once
the body is on its way, a lost connection leaves us not knowing, and what is not known is never sent again.
"""

import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from kembali.messages.channels.email.writing import envelope_address, to_bytes
from kembali.messages.contracts import Mail, Outcome
from kembali.messages.errors import BadTransport, TransportUnavailable

_TIMEOUT_S = 20.0
_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
_LEADING_DOT = re.compile(rb"(?m)^\.")
# 5.1.x: the address is wrong (RFC 3463); other refusals say nothing about the person.
_NO_SUCH_ADDRESS = re.compile(r"\b5\.1\.[1236]\b")
# A connection that was lost is a different thing from an answer we did not like.
_LOST = (smtplib.SMTPServerDisconnected, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where and how a mail server is reached."""

    host: str
    port: int
    security: Literal["smtp", "smtp+tls", "smtps"]
    user: str = ""
    password: str = ""


def read_smtp_url(url: str) -> SmtpServer:
    """Return the server named by `smtp://user:password@host:port`, `smtp+tls://` (STARTTLS required) or `smtps://`.

    Raises:
        BadTransport: none of these. The message never shows the password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadTransport("The address of the mail server cannot be read.", hint="Write smtp://host:25.") from error
    match parts.scheme:
        case "smtp" | "smtp+tls" | "smtps" as security:
            pass
        case _:
            raise BadTransport(f"“{parts.scheme}” is not a kind of mail server.", hint="smtp, smtp+tls or smtps.")
    if not parts.hostname or parts.path not in ("", "/"):
        raise BadTransport("The address of the mail server names no host.", hint="Write smtp://host:25.")
    return SmtpServer(
        host=parts.hostname,
        port=port or _PORTS[security],
        security=security,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


class SmtpTransport:
    """Hands mails over one by one on one connection, which is opened again when it was lost."""

    name = "smtp"
    wave_size = 1
    simulated = False

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def connect(self) -> None:
        """Open the connection where there is none.

        Raises:
            TransportUnavailable: no connection, no encryption, or not let in.
        """
        if self._smtp is None:
            self._smtp = self._open()

    def hand_over(self, mails: Sequence[Mail]) -> list[Outcome]:
        """Hand over each mail; the connection may be lost meanwhile and the outcome says so."""
        return [self._one(mail) for mail in mails]

    def close(self) -> None:
        """Say goodbye if the server still listens."""
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (*_LOST, smtplib.SMTPException):
                self._smtp.close()
            self._smtp = None

    def _open(self) -> smtplib.SMTP:
        server = self._server
        context = ssl.create_default_context()
        smtp: smtplib.SMTP
        try:
            if server.security == "smtps":
                smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_S, context=context)
            else:
                smtp = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_S)
            smtp.ehlo_or_helo_if_needed()
            if server.security == "smtp+tls":
                smtp.starttls(context=context)
                smtp.ehlo()
            if server.user:
                smtp.login(server.user, server.password)
        except (*_LOST, smtplib.SMTPException) as error:
            raise TransportUnavailable(
                f"The mail server {server.host}:{server.port} is not ready: {error}"[:300],
                hint="Check KEMBALI_SMTP_URL.",
            ) from error
        return smtp

    def _one(self, mail: Mail) -> Outcome:
        try:
            sender, recipient = envelope_address(mail.from_line), envelope_address(mail.to_email)
            body = to_bytes(mail)
        except ValueError as error:
            return Outcome("failed", f"address: {error}"[:200])
        try:
            refusal = self._announce_twice(sender, recipient)
        except TransportUnavailable as error:
            return Outcome("retry", f"connection lost before the mail: {error}"[:200])
        except (*_LOST, smtplib.SMTPException) as error:
            self._drop()
            return Outcome("retry", f"connection lost before the mail: {error}"[:200])
        if refusal is not None or self._smtp is None:
            return refusal or Outcome("retry", "no connection")
        try:
            return _transfer(self._smtp, body)
        except (*_LOST, smtplib.SMTPException) as error:
            self._drop()
            return Outcome("unknown", f"connection lost before the answer: {error}"[:200])

    def _announce_twice(self, sender: str, recipient: str) -> Outcome | None:
        """Many servers end a connection after some mails: then once more on a new one, since nothing was sent yet."""
        self.connect()
        try:
            return _announce(self._smtp, sender, recipient)
        except _LOST:
            self._drop()
            self.connect()
            return _announce(self._smtp, sender, recipient)

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _announce(smtp: smtplib.SMTP | None, sender: str, recipient: str) -> Outcome | None:
    """Say who writes to whom; None means the server now waits for the body."""
    if smtp is None:
        return Outcome("retry", "no connection")
    code, text = smtp.mail(sender)
    if code == 250:
        code, text = smtp.rcpt(recipient)
    if code in (250, 251):
        code, text = smtp.docmd("DATA")
    if code == 354:
        return None
    refusal = _refusal(code, text)
    smtp.rset()
    return refusal


def _transfer(smtp: smtplib.SMTP, body: bytes) -> Outcome:
    smtp.send(_LEADING_DOT.sub(b"..", body) + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n")
    code, text = smtp.getreply()
    if code == 250:
        return Outcome("sent", _shown(text))
    if code < 400:  # neither yes nor no
        return Outcome("unknown", f"{code} {_shown(text)}")
    return _refusal(code, text)


def _refusal(code: int, text: bytes) -> Outcome:
    reason = f"{code} {_shown(text)}"
    if code >= 500:
        return Outcome("failed", reason, bounced=_NO_SUCH_ADDRESS.search(reason) is not None)
    return Outcome("retry", reason)


def _shown(text: bytes) -> str:
    return text.decode("utf-8", "replace")[:200]
