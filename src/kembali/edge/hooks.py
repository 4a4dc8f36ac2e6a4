"""Webhooks of shops: genuine by their signature, on disk before they are answered with 200."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

import psycopg

from kembali.collect import door as collect
from kembali.edge.committing import Brought, GroupCommitter, LogUnavailable
from kembali.edge.hookring import HookRing
from kembali.edge.http import TOO_SLOW, Answer, Receive, Scope, json_answer, read_body

log = logging.getLogger("kembali.edge")

BEGINNING = "/hooks/"
_MOST_BYTES = 8 * 1024 * 1024  # an order with thousands of lines has some
_OK = Answer(200)
_UNKNOWN = json_answer(404, {"error": "no shop sends its webhooks here"})
_WRONG_SIGNATURE = json_answer(401, {"error": "wrong signature"})
_TOO_LARGE = json_answer(413, {"error": "too large"})
# Whatever is wrong with us, shops shall send again: most give up for ever after a 4xx.
_LATER = json_answer(503, {"error": "not taken: send it again later"}, retry_after=30)


class Hooks:
    """Answers webhooks: 200 means that what they say is on disk, as facts or with the reason why it is none."""

    def __init__(self, ring: HookRing, committer: GroupCommitter, clock: Callable[[], datetime]) -> None:
        self._ring = ring
        self._committer = committer
        self._clock = clock

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """Take one webhook."""
        received_at = self._clock()
        platform, _, token = scope["path"].removeprefix(BEGINNING).partition("/")
        try:
            found = self._ring.known(token) or await asyncio.to_thread(self._ring.ask, token)
            if found is None or found.platform != platform:
                return _UNKNOWN
            body = await read_body(receive, most=_MOST_BYTES)
            if body is None:
                return TOO_SLOW
            if len(body) > _MOST_BYTES:
                return _TOO_LARGE
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            return await self._take(found, collect.Delivery(headers, body), received_at)
        except (LogUnavailable, psycopg.OperationalError):
            return _LATER

    async def _take(self, found: collect.OpenConnection, delivery: collect.Delivery, received_at: datetime) -> Answer:
        if found.shop is None:
            log.warning("webhooks of connection %s are not taken: its secrets cannot be opened", found.id)
            return _LATER
        connector, shop = collect.connector_of(found.platform), found.shop
        webhooks = connector.webhooks
        if webhooks is None:
            return _UNKNOWN
        if not webhooks.is_genuine(delivery, shop):
            if webhooks.is_greeting(delivery):
                return _OK
            await asyncio.to_thread(self._ring.note_refused, found.id, source=shop.name, at=received_at)
            return _WRONG_SIGNATURE
        call, beside = webhooks.call_of(delivery), webhooks.beside(delivery, shop)
        reading = connector.read_webhook(call, delivery.body, beside, source=shop.name, received_at=received_at)
        try:
            await self._committer.commit(Brought(reading, received_at))
        except collect.BadTrackingRequest as error:
            # The database refuses what the connector let through: kept like anything else that is not understood.
            kept = connector.rejected(call, delivery.body, beside, source=shop.name, code="refused", reason=str(error))
            await self._committer.commit(Brought(collect.Reading(rejected=[kept]), received_at))
        await self._note(found.id, wakes=webhooks.wakes(call), at=received_at)
        return _OK

    async def _note(self, connection_id: int, *, wakes: bool, at: datetime) -> None:
        """Note that it came. It is on disk already: if this fails, nothing is lost but the note."""
        if not self._ring.should_note(connection_id, wakes=wakes):
            return
        try:
            await asyncio.to_thread(self._ring.note, connection_id, wakes=wakes, at=at)
        except psycopg.OperationalError as error:
            log.warning("a webhook came and could not be noted: %s", error)
