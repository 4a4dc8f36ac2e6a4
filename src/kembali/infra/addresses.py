"""Which addresses kembali may call: the internet's, never the network it stands in. Loads no Django.

A name is judged by what it resolves to, and only literal addresses that need no interpretation pass as literals: what
`127.1`, `0x7f000001` or a mapped address means differs from one library to the next.
"""

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

from kembali.kernel.errors import Refused, Unavailable

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]

_PORTS = frozenset({443, 8443})
_PRIVATE_PORTS = frozenset({80, 443})  # and 1024 upwards: below stand services that speak something else
_FIRST_FREE_PORT = 1024
_LONGEST_URL = 2000
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)\.?")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
_RESERVED = "!$&'()*+,;=:@/-._~%?"

# Not the internet, whatever a library says: the standard library's own opinion changed between patch releases.
_SPECIAL_4 = tuple(
    ipaddress.IPv4Network(one)
    for one in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_INTERNET_6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL_6 = tuple(
    ipaddress.IPv6Network(one)
    for one in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries any IPv4 address within
        "3fff::/20",
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Where an owner's own shop may stand. Link-local is not among them: there the cloud keeps its credentials.
_PRIVATE: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = (
    ipaddress.IPv4Network("10.0.0.0/8"),
    ipaddress.IPv4Network("127.0.0.0/8"),
    ipaddress.IPv4Network("172.16.0.0/12"),
    ipaddress.IPv4Network("192.168.0.0/16"),
    ipaddress.IPv6Network("::1/128"),
    ipaddress.IPv6Network("fc00::/7"),
)
_METADATA = frozenset({ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("fd20:ce::254")})


class AddressRefused(Refused):
    """An address must not be called: not the internet, or not written as a plain https address."""

    code = "address_refused"


class Unreachable(Unavailable):
    """Nobody answered as HTTP demands, in time."""

    code = "unreachable"


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart once: what is connected to, named in Host and certificate, and asked for."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    path: str
    addresses: tuple[IPAddress, ...]


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name as the system knows them.

    Raises:
        OSError: it has none.
    """
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def find_target(url: str, *, allow_private: bool, resolver: Resolver, timeout_s: float) -> Target:
    """Return what `url` stands for, every address behind its name vetted.

    Args:
        allow_private: also http, the owner's own network and any free port.

    Raises:
        AddressRefused: it must not be called, now or later.
        Unreachable: the name has no address just now.
    """
    scheme, host, port, path = _taken_apart(url, allow_private=allow_private)
    literal = _literal(host)
    found = [literal] if literal else _resolved(host, port, resolver, timeout_s)
    for address in found:
        if reason := why_not(address, allow_private=allow_private):
            raise AddressRefused(
                f"{host} leads to {address}: {reason}.",
                hint="Use an address that can be reached from the internet"
                + (
                    "."
                    if allow_private
                    else ", or start kembali with KEMBALI_ALLOW_PRIVATE_ADDRESSES=1 if it is yours."
                ),
            )
    return Target(scheme, host, port, path, tuple(found))


def why_not(address: IPAddress, *, allow_private: bool) -> str | None:
    """Return why an address must not be called, or None where it may."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return "an address of one network card"
        within = address.ipv4_mapped or _nat64(address)
        if within is not None:  # what is reached is the IPv4 address
            return why_not(within, allow_private=False)
    if allow_private and address not in _METADATA and any(address in one for one in _PRIVATE):
        return None
    if isinstance(address, ipaddress.IPv4Address):
        is_special = any(address in one for one in _SPECIAL_4)
    else:
        is_special = address not in _INTERNET_6 or any(address in one for one in _SPECIAL_6)
    if is_special or not address.is_global:
        return "not an address of the internet"
    return None


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _taken_apart(url: str, *, allow_private: bool) -> tuple[Literal["http", "https"], str, int, str]:
    """Return scheme, host, port and path of an address that every reader reads alike."""
    if len(url) > _LONGEST_URL or any(ord(sign) <= 0x20 or ord(sign) == 0x7F or sign == "\\" for sign in url):
        raise AddressRefused("The address is too long, or has a space or backslash in it.", hint="Write https://…")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressRefused("The address cannot be read.", hint="Write https://host/path.") from None
    if parts.scheme == "http" and allow_private:
        scheme: Literal["http", "https"] = "http"
    elif parts.scheme == "https":
        scheme = "https"
    else:
        raise AddressRefused("The address does not begin with https://.", hint="Only encrypted addresses are called.")
    if "@" in parts.netloc:
        raise AddressRefused("The address has a user name in it.", hint="Leave out what stands before the @.")
    host = _host_name(host)
    port = port if port is not None else {"http": 80, "https": 443}[scheme]
    is_open = port in _PORTS or (allow_private and (port in _PRIVATE_PORTS or port >= _FIRST_FREE_PORT))
    if not is_open:
        raise AddressRefused(f"Port {port} is not one to call.", hint="Use 443 or 8443.")
    path = quote(parts.path or "/", safe=_RESERVED)
    return scheme, host, port, path + (f"?{quote(parts.query, safe=_RESERVED)}" if parts.query else "")


def _host_name(host: str) -> str:
    """Return a host as it is resolved, named and certified: ASCII, lower case."""
    if _literal(host):
        return host
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = ""
    if not _NAME.fullmatch(name) or len(name) > 253:
        raise AddressRefused(f"“{host[:100]}” is not the name of a host.", hint="Write https://host/path.")
    if _NUMBER.fullmatch(name.rstrip(".").rpartition(".")[2]):
        raise AddressRefused(f"“{name}” is not how an address is written.", hint="Write four plain numbers.")
    return name


def _literal(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _resolved(host: str, port: int, resolver: Resolver, timeout_s: float) -> list[IPAddress]:
    """Return what a name resolves to, within the time there is: the system's resolver knows no limit of ours."""
    answers: list[Sequence[str] | Exception] = []

    def ask() -> None:
        try:
            answers.append(resolver(host, port))
        except (OSError, UnicodeError) as error:
            answers.append(error)

    asking = threading.Thread(target=ask, daemon=True, name="kembali-resolve")
    asking.start()
    asking.join(timeout_s)
    answer = answers[0] if answers else TimeoutError()
    if isinstance(answer, Exception) or not answer:
        raise Unreachable(f"The name {host} cannot be found.", hint="Check how it is written, or try again later.")
    return list(dict.fromkeys(ipaddress.ip_address(one) for one in answer))
