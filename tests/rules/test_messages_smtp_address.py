"""The address of a mail server: three kinds, and no password in any message."""

import pytest

from kembali.messages.channels.email.smtp import SmtpServer, read_smtp_url
from kembali.messages.errors import BadTransport


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", SmtpServer(host="mail.example", port=25, security="smtp")),
        (
            "smtp+tls://u%40x:p%3Aw@mail.example:2525",
            SmtpServer(host="mail.example", port=2525, security="smtp+tls", user="u@x", password="p:w"),
        ),
        ("smtps://mail.example/", SmtpServer(host="mail.example", port=465, security="smtps")),
    ],
)
def test_a_mail_server_is_named_by_one_address(url: str, expected: SmtpServer) -> None:
    assert read_smtp_url(url) == expected


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://:pw@", "smtp://h:port", "mail.example"])
def test_an_address_that_names_no_server_is_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(BadTransport) as caught:
        read_smtp_url(url)
    assert "pw" not in str(caught.value)
