"""The client against real sockets: where it connects, what it shows, and that nobody can hold or fill it."""

import contextlib
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from kembali.infra.http import AddressRefused, AnswerTooLarge, Client, Unreachable
from tests.makers.listening import certificate_for, head_of, listening


def to_loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


CLIENT = Client(allow_private=True, resolver=to_loopback)


def answering(answer: bytes, *, seen: list[bytes] | None = None) -> Callable[[socket.socket], None]:
    def talk(peer: socket.socket) -> None:
        head = head_of(peer)
        if seen is not None:
            seen.append(head)
        peer.sendall(answer)

    return talk


def dripping(start: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    def talk(peer: socket.socket) -> None:
        head_of(peer)
        peer.sendall(start)
        with contextlib.suppress(OSError):
            for _ in range(100):
                peer.sendall(drop)
                time.sleep(0.05)

    return talk


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One: a\r\nX-One: b\r\n\r\nhi"


def test_a_request_goes_out_and_its_answer_comes_back() -> None:
    def talk(peer: socket.socket) -> None:
        head = head_of(peer)
        assert b"POST /hook?a=1 HTTP/1.1\r\n" in head
        assert b"\r\nHost: shop.lan:%d\r\n" % port in head
        assert b"\r\nX-Mine: yes\r\n" in head
        peer.sendall(OK if peer.recv(4) == b"body" else b"HTTP/1.1 400 No\r\n\r\n")

    with listening(talk) as port:
        answer = CLIENT.request(
            "POST", f"http://shop.lan:{port}/hook?a=1", headers={"X-Mine": "yes"}, body=b"body", timeout_s=5
        )
    assert (answer.status, answer.body, answer.is_cut) == (200, b"hi", False)
    assert answer.headers["x-one"] == "a, b"


def test_without_permission_nobody_on_this_machine_is_called() -> None:
    calls: list[bytes] = []
    with listening(answering(OK, seen=calls)) as port:
        for url in (f"https://127.0.0.1:{port}/", "https://127.0.0.1/", "https://shop.example/"):
            with pytest.raises(AddressRefused):
                Client(resolver=to_loopback).request("GET", url)
            with pytest.raises(AddressRefused):
                Client(resolver=to_loopback).vet(url)
    assert calls == []


def test_a_name_that_changes_its_answer_is_asked_once() -> None:
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers.pop(0)

    with listening(answering(OK)) as port:
        answer = Client(allow_private=True, resolver=rebinding).request("GET", f"http://shop.lan:{port}/")
    assert answer.body == b"hi"
    assert asked == ["shop.lan"]


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    calls: list[bytes] = []
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\n\r\n"
    with listening(answering(moved, seen=calls)) as port:
        answer = CLIENT.request("GET", f"http://shop.lan:{port}/")
    assert answer.status == 302
    assert len(calls) == 1


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with listening(answering(OK)) as port:
        assert CLIENT.request("GET", f"http://shop.lan:{port}/").status == 200


@pytest.mark.parametrize(
    "talk",
    [
        dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"."),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"."),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n.\r\n"),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        lambda peer: time.sleep(2),
    ],
    ids=["head", "body without end", "long body", "chunks", "continue", "silence"],
)
def test_a_peer_that_drips_is_cut_off_when_the_time_is_up(talk: Callable[[socket.socket], None]) -> None:
    with listening(talk) as port:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="the time was up"):
            CLIENT.request("GET", f"http://shop.lan:{port}/", timeout_s=0.4)
        assert time.monotonic() - began < 1.5


def test_a_handshake_that_drips_is_cut_off_too() -> None:
    def talk(peer: socket.socket) -> None:
        for one in b"\x16\x03\x03\x40\x00" + bytes(100):
            peer.sendall(bytes([one]))
            time.sleep(0.05)

    with listening(talk) as port:
        began = time.monotonic()
        with pytest.raises(Unreachable):
            CLIENT.request("GET", f"https://shop.lan:{port}/", timeout_s=0.4)
        assert time.monotonic() - began < 1.5


def test_a_body_is_read_so_far_and_no_further() -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 300_000
    with listening(answering(endless)) as port:
        url = f"http://shop.lan:{port}/"
        with pytest.raises(AnswerTooLarge):
            CLIENT.request("GET", url, max_bytes=1000)
        cut = CLIENT.request("GET", url, max_bytes=1000, may_cut=True)
        whole = CLIENT.request("GET", url, max_bytes=300_000)
    assert (cut.body, cut.is_cut) == (b"x" * 1000, True)
    assert (len(whole.body), whole.is_cut) == (300_000, False)


def test_what_is_not_http_is_unreachable() -> None:
    for answer in (b"SSH-2.0-OpenSSH\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"):
        with listening(answering(answer)) as port, pytest.raises(Unreachable):
            CLIENT.request("GET", f"http://shop.lan:{port}/", timeout_s=2)
    with listening(answering(OK)) as port:
        pass
    with pytest.raises(Unreachable, match="refused"):
        CLIENT.request("GET", f"http://shop.lan:{port}/", timeout_s=2)


def test_the_certificate_is_checked_for_the_name_and_the_name_is_shown(tmp_path: Path) -> None:
    path, server = certificate_for("shop.lan", tmp_path)
    shown: list[str] = []
    server.sni_callback = lambda _sock, name, _context: shown.append(name)
    trusting = ssl.create_default_context(cafile=str(path))
    client = Client(allow_private=True, resolver=to_loopback, tls=trusting)
    with listening(answering(OK), tls=server) as port:
        assert client.request("GET", f"https://shop.lan:{port}/").body == b"hi"
        assert shown == ["shop.lan"]
        with pytest.raises(Unreachable, match="certificate is not valid"):
            client.request("GET", f"https://other.lan:{port}/")
        with pytest.raises(Unreachable, match="certificate is not valid"):
            CLIENT.request("GET", f"https://shop.lan:{port}/")


def test_neither_errors_nor_logs_show_what_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with listening(answering(b"nonsense")) as port, pytest.raises(Unreachable) as caught:
        CLIENT.request(
            "POST", f"http://shop.lan:{port}/?token=SECRET", headers={"Authorization": "SECRET"}, body=b"SECRET"
        )
    assert "SECRET" not in str(caught.value) + caplog.text


def test_a_header_cannot_carry_another() -> None:
    calls: list[bytes] = []
    with listening(answering(OK, seen=calls)) as port, pytest.raises(Unreachable):
        CLIENT.request("GET", f"http://shop.lan:{port}/", headers={"X-A": "b\r\nX-Evil: c"})
    assert not any(b"X-Evil" in one for one in calls)


def test_no_thread_stays_behind() -> None:
    before = threading.active_count()
    with listening(answering(OK)) as port:
        for _ in range(5):
            CLIENT.request("GET", f"http://shop.lan:{port}/", timeout_s=30)
        time.sleep(0.1)
        assert threading.active_count() <= before + 1
