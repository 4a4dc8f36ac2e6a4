"""How much one key and one client address may send: token buckets, one token per event. In this process only."""

import ipaddress
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_BURST_S = 20.0  # a full bucket holds what so many seconds fill
_MOST_BUCKETS = 50_000
_LONGEST_WAIT_S = 60
_LOOKED_AT = 200  # characters of X-Forwarded-For, from its end: what stands before was written by anybody


class Buckets:
    """Buckets of one size by name, all full at first. Of each only the instant is kept at which it is full again."""

    def __init__(self, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._full_at: dict[str, float] = {}

    def take(self, name: str, tokens: int) -> int:
        """Take tokens and return 0; from an empty bucket none, and return after how many seconds to come again.

        The last tokens may be exceeded, so that a large batch is not kept out for ever.
        """
        if not self._per_second:
            return 0
        now = self._clock()
        full_at = max(self._full_at.get(name, now), now)
        if (wait := full_at - now - _BURST_S) > 0:
            return min(math.ceil(wait), _LONGEST_WAIT_S)
        if len(self._full_at) >= _MOST_BUCKETS:
            self._forget_full_ones(now)
        self._full_at[name] = full_at + tokens / self._per_second
        return 0

    def _forget_full_ones(self, now: float) -> None:
        self._full_at = {name: at for name, at in self._full_at.items() if at > now}
        if len(self._full_at) >= _MOST_BUCKETS:  # rather let somebody in than keep count of everybody
            self._full_at.clear()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a key and an address may send, in events; addresses are limited only with keys that anybody can copy."""

    by_key: Buckets
    by_address: Buckets
    trusted_proxies: Sequence[Network] = ()

    def address_of(self, peer: str, forwarded_for: str) -> str:
        """Return who sends, by what the owner's proxies say: an IPv4 address or an IPv6 /64; empty for this machine.

        On this machine sits a proxy that the owner has not named: one bucket for all its clients would keep them out.
        """
        if len(forwarded_for) > _LOOKED_AT:
            # What it begins with there may be half an address.
            forwarded_for = forwarded_for[-_LOOKED_AT:].partition(",")[2]
        return _address_of(peer, forwarded_for, tuple(self.trusted_proxies))


@lru_cache(8192)
def _address_of(peer: str, forwarded_for: str, trusted: tuple[Network, ...]) -> str:
    """Return the last address on the way that no proxy of the owner's has."""
    found = None
    for word in (peer, *reversed(forwarded_for.split(","))):
        try:
            address = ipaddress.ip_address(word.strip())
        except ValueError:  # what stands before it was written by whoever wrote this
            break
        found = getattr(address, "ipv4_mapped", None) or address
        if not any(found in network for network in trusted):
            break
    if found is None or found.is_loopback:
        return ""
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))
