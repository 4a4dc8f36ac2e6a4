"""Ask a shop over HTTP and understand how it says no: refused for good, or later."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from kembali.collect.connectors.errors import (
    ShopAnswersNonsense,
    ShopAsksPatience,
    ShopBusy,
    ShopRefuses,
)
from kembali.collect.connectors.values import Http, HttpResponse

_MOST_BYTES = 32 << 20
_TIMEOUT_S = 20.0
_LONGEST_WAIT_S = 3600.0
_SAID = 200  # characters of what a shop answered that are worth showing


class Answer(msgspec.Struct, frozen=True):
    """What a shop answered with success: its JSON, and its headers with names in lower case."""

    json: Any
    headers: Mapping[str, str]


class _Worded(msgspec.Struct):
    """An error with a message for people, as many APIs answer."""

    message: str = ""


def ask_json(
    http: Http, method: str, url: str, *, headers: Mapping[str, str], at: datetime, body: object = None
) -> Answer:
    """Return a shop's answer.

    Raises:
        ShopRefuses: it says no, and would again: wrong credentials, missing rights, a wrong address.
        ShopBusy: too many questions (`ShopAsksPatience`), or it is down; `wait_s` says how long to leave it alone.
        ShopAnswersNonsense: what it says is not JSON.
    """
    sent = {"accept": "application/json", **headers}
    data = None
    if body is not None:
        sent["content-type"] = "application/json"
        data = msgspec.json.encode(body)
    response = http.request(method, url, headers=sent, body=data, timeout_s=_TIMEOUT_S, max_bytes=_MOST_BYTES)
    _succeeded(response, at)
    try:
        return Answer(msgspec.json.decode(response.body) if response.body else None, response.headers)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ShopAnswersNonsense(f"The shop's answer is not JSON: “{_said(response)}”.") from None


def _succeeded(response: HttpResponse, at: datetime) -> None:
    status = response.status
    if 200 <= status < 300:
        return
    if status in (408, 425, 429) or status >= 500:
        wait_s = wait_of(response.headers.get("retry-after"), at)
        if status == 429:
            raise ShopAsksPatience("The shop asks for patience.", wait_s=wait_s)
        words = f"The shop answers with an error ({status})."
        raise ShopBusy(words, wait_s=wait_s, hint="kembali tries again by itself.")
    if 300 <= status < 400:
        where = response.headers.get("location", "nowhere").partition("?")[0]  # behind it may be keys
        raise ShopRefuses(
            f"The shop leads elsewhere ({status} to {where[:_SAID]}).",
            status=status,
            hint="Enter the address it leads to.",
        )
    hint = {
        401: "Check the keys: they may have been withdrawn.",
        403: "The keys do not have the rights that are needed.",
        404: "Check the address.",
    }.get(status, "")
    raise ShopRefuses(f"The shop says no ({status}): “{_said(response)}”.", status=status, hint=hint)


def wait_of(text: str | None, at: datetime) -> float | None:
    """Return how many seconds a `Retry-After` means, an hour at most; None where it says nothing."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text).astimezone(UTC) - at).total_seconds()
        except ValueError:
            return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), _LONGEST_WAIT_S)


def _said(response: HttpResponse) -> str:
    """Return what a shop said, in its own words where it has some."""
    text = response.body[: 4 * _SAID].decode("utf-8", "replace")
    try:
        message = msgspec.json.decode(response.body, type=_Worded).message
    except (msgspec.MsgspecError, UnicodeDecodeError):
        message = ""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in message or text).split())[:_SAID]
