"""Errors as programs read them: RFC 9457, mapped in one place."""

import logging
from typing import Any

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from kembali.accounts import api as accounts
from kembali.kernel.errors import KembaliError
from kembali.web.api.requests import BodyTooLarge, TooManyRequests
from kembali.web.middleware import status_of
from kembali.web.problems import api_problem

log = logging.getLogger(__name__)

_MOST_FLAWS = 20


class Flaw(Schema):
    """One thing that is wrong with a request."""

    where: str
    message: str


class Problem(Schema):
    """What went wrong: `code` is permanent, `detail` is for people, `hint` says what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str = ""
    errors: list[Flaw] = []


PROBLEMS: dict[int, type[Schema]] = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429, 503), Problem)
"""What every route may answer beside its own."""


def answer_with_problems(api: NinjaAPI) -> None:
    """Have `api` answer every error of a room, of a request and of the database as a problem."""
    api.add_exception_handler(KembaliError, _ours)
    api.add_exception_handler(AuthenticationError, _no_key)
    api.add_exception_handler(HttpError, _unreadable)
    api.add_exception_handler(ValidationError, _flawed)
    api.add_exception_handler(Http404, _nothing_here)
    api.add_exception_handler(OperationalError, _no_database)


def _ours(_request: HttpRequest, error: KembaliError | type[KembaliError]) -> HttpResponse:
    assert isinstance(error, KembaliError)  # noqa: S101 - the library passes what was raised
    status, retry_after_s = status_of(error), 0
    if isinstance(error, accounts.KeyNotUsable):
        status = 401
    elif isinstance(error, BodyTooLarge):
        status = 413
    elif isinstance(error, TooManyRequests):
        status, retry_after_s = 429, error.retry_after_s
    return api_problem(status, error.code, error.message, hint=error.hint, retry_after_s=retry_after_s)


def _no_key(_request: HttpRequest, _error: Any) -> HttpResponse:
    return api_problem(401, "no_key", "There is no key with this request.", hint="Send Authorization: Bearer sk_…")


def _unreadable(_request: HttpRequest, error: Any) -> HttpResponse:
    return api_problem(error.status_code, "not_readable", "The body is not JSON that can be read.")


def _flawed(_request: HttpRequest, error: Any) -> HttpResponse:
    flaws = [
        {"where": ".".join(str(part) for part in one["loc"]), "message": str(one["msg"])}
        for one in error.errors[:_MOST_FLAWS]
    ]
    return api_problem(422, "not_valid", f"{len(error.errors)} things are wrong with this request.", errors=flaws)


def _nothing_here(_request: HttpRequest, _error: Any) -> HttpResponse:
    return api_problem(404, "no_such_route", "There is nothing at this address.")


def _no_database(_request: HttpRequest, error: Any) -> HttpResponse:
    log.warning("the database does not answer: %s", error)
    return api_problem(503, "database_unavailable", "The database does not answer.", hint="Ask again later.")
