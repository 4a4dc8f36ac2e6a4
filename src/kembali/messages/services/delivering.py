"""One worker's round: settle what was lost, judge what is due, hand over what may go."""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from kembali.messages.channels.email.transport import Transport, transport_for
from kembali.messages.contracts import Mail, Outcome
from kembali.messages.errors import TransportUnavailable
from kembali.messages.services.claiming import Result, Taken, begin, give_back, give_up, take_due
from kembali.messages.services.composing import compose
from kembali.messages.services.pending import Pending
from kembali.messages.services.settling import settle, settle_lost
from kembali.shop import api as shop

LEASE = timedelta(minutes=2)
_HOLDOUTS_AT_ONCE = 500
# A remote provider gets one mail at a time; so many are judged and written beforehand.
_TAKE_AT_LEAST = 50

_log = logging.getLogger(__name__)


def deliver_due(
    *, at: datetime, limit: int = 5000, lease: timedelta = LEASE, transport: Transport | None = None
) -> int:
    """Handle due requests, at most about `limit`; return how many were handled. Call until 0.

    At most one hand-over begins per send key unless the one before provably had no effect. Any number of workers may
    run this at once; a worker that dies leaves `unknown` only what was in flight. Not inside a transaction: claims must
    be committed before anything goes out.

    Args:
        at: business time. lease: database time a worker has for one hand-over; longer than the slowest one.
        transport: the settings' own by default.
    """
    if shop.find_shop_settings() is None:
        return 0
    handled = settle_lost(at=at)
    while handled < limit:
        holdouts = take_due(at=at, limit=_HOLDOUTS_AT_ONCE, lease=lease, holdout=True)
        handled += holdouts.count
        if not holdouts.count:
            break
    chosen = transport_for(settings.KEMBALI) if transport is None else transport
    try:
        while handled < limit:
            taken = take_due(at=at, limit=max(chosen.wave_size, _TAKE_AT_LEAST), lease=lease, holdout=False)
            handled += taken.count
            if not taken.count:
                break
            _deliver(taken, chosen, at, lease)
    except TransportUnavailable as error:
        _log.warning("Mails wait: %s", error)
    finally:
        chosen.close()
    return handled


def _deliver(taken: Taken, transport: Transport, at: datetime, lease: timedelta) -> None:
    if taken.batch is None or not taken.passed:
        return
    written, broken = compose(taken.passed, taken.batch, settings.KEMBALI, at=at)
    if broken:
        give_up(broken, at=at)
    results: list[Result] = []
    last: list[Result] = []
    waiting = list(written)
    try:
        while waiting:
            started = time.monotonic()
            transport.connect()  # before the claim: without a connection nothing is in doubt
            wave, waiting = waiting[: transport.wave_size], waiting[transport.wave_size :]
            begun = begin([pending for pending, _ in wave], taken.batch, finished=last, at=at, lease=lease)
            last = _hand_over(wave, begun, transport, ends=started + lease.total_seconds())
            results += last
    except TransportUnavailable:
        give_back([pending for pending, _ in waiting])
        raise
    finally:
        settle(results, at=at)


def _hand_over(
    wave: Sequence[tuple[Pending, Mail]], begun: Sequence[Pending], transport: Transport, *, ends: float
) -> list[Result]:
    """Hand over what was begun. A worker that was paused beyond its lease since then sends nothing."""
    fences = {each.id for each in begun}
    mails = [(pending, mail) for pending, mail in wave if pending.id in fences]
    if time.monotonic() >= ends:
        return [(pending, Outcome("retry", "paused beyond the lease")) for pending, _ in mails]
    outcomes = transport.hand_over([mail for _, mail in mails])
    return [(pending, outcome) for (pending, _), outcome in zip(mails, outcomes, strict=True)]
