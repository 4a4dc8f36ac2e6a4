"""A rendered mail as the bytes that go on the wire.

Written by hand, because the standard library's message classes take milliseconds per mail and fold List-Unsubscribe,
which then no mail program understands. The tests read it back with the standard library.
"""

import hashlib
from binascii import b2a_qp
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr

from kembali.messages.contracts import Mail
from kembali.messages.rules.headers import one_line

_MAX_NAME = 100
_CRLF = "\r\n"


def headers_of(mail: Mail) -> tuple[tuple[str, str], ...]:
    """Return the headers as a person reads them, in the order they are written, without those of the MIME parts.

    List-Unsubscribe names only the web address: nothing here reads mail sent to a mailto address.

    Raises:
        ValueError: an address is not one.
    """
    return tuple((name, _shown(value) if isinstance(value, tuple) else value) for name, value in _headers(mail))


def to_bytes(mail: Mail) -> bytes:
    """Return the mail with its plain text and its HTML: ASCII only, lines ended by CRLF.

    Raises:
        ValueError: an address is not one.
    """
    # "=_" cannot occur in quoted-printable text, so no part can end early.
    boundary = f"=_{hashlib.sha256(mail.message_id.encode()).hexdigest()[:24]}"
    head = [f"{name}: {_wire(name, value)}" for name, value in _headers(mail)]
    head += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{boundary}"', ""]
    parts = [_part(boundary, "plain", mail.text), _part(boundary, "html", mail.html)]
    return b"\r\n".join(["\r\n".join(head).encode("ascii"), *parts, f"--{boundary}--".encode(), b""])


def envelope_address(address: str) -> str:
    """Return the bare address as mail servers take it: ASCII, an international domain in its xn-- form.

    Raises:
        ValueError: no address, or its local part needs SMTPUTF8.
    """
    bare = "" if any(ord(each) < 32 for each in address) else parseaddr(address)[1]
    local, at_sign, domain = bare.rpartition("@")
    plain = local.isascii() and not any(each.isspace() or each in '<>(),;:\\"' for each in bare)
    if not local or not at_sign or not domain or not plain:
        raise ValueError(f"“{address}” is not an address that every mail server takes.")
    return f"{local}@{domain.encode('idna').decode()}"


def _headers(mail: Mail) -> list[tuple[str, str | tuple[str, str]]]:
    headers: list[tuple[str, str | tuple[str, str]]] = [
        ("From", _person(*parseaddr(mail.from_line))),
        ("To", _person(mail.to_name, mail.to_email)),
        ("Reply-To", _person(*parseaddr(mail.reply_to))),
        ("Subject", one_line(mail.subject)),
        ("Date", format_datetime(mail.date)),
        ("Message-ID", mail.message_id),
    ]
    if mail.unsubscribe_url:
        headers.append(("List-Unsubscribe", f"<{mail.unsubscribe_url}>"))
        headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return headers


def _person(name: str, address: str) -> tuple[str, str]:
    return one_line(name, _MAX_NAME), envelope_address(address)


def _shown(person: tuple[str, str]) -> str:
    name, address = person
    return f"{name} <{address}>" if name else address


def _wire(name: str, value: str | tuple[str, str]) -> str:
    """A header's value in ASCII; what looks like an encoded word is encoded, so that it is shown as it was written."""
    if isinstance(value, tuple):
        person, address = value
        if "=?" in person:
            encoded = Header(person, "utf-8").encode(linesep=_CRLF)
            return f"{encoded} <{address}>"
        return formataddr((person, address))
    if value.isascii() and "=?" not in value:
        return value
    return Header(value, "utf-8", header_name=name).encode(linesep=_CRLF)


def _part(boundary: str, subtype: str, text: str) -> bytes:
    head = (
        f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    return head.encode("ascii") + b2a_qp(lines.encode(), istext=True).replace(b"\n", b"\r\n")
