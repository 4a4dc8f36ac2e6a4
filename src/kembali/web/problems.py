"""An error as a program reads it (RFC 9457): the one shape, for the API's own errors and for what happens before it."""

import json
from collections.abc import Mapping, Sequence

from django.http import HttpResponse

_RETRY_AFTER_S = 5
_TITLES = {
    400: "Not readable",
    401: "No key",
    403: "Not allowed",
    404: "Not found",
    409: "Conflict",
    413: "Too large",
    422: "Not acceptable as it is",
    429: "Too many requests",
    503: "Not available just now",
}


def api_problem(
    status: int,
    code: str,
    detail: str,
    *,
    hint: str = "",
    errors: Sequence[Mapping[str, str]] = (),
    retry_after_s: int = 0,
) -> HttpResponse:
    """Return an error as an answer; 429 and 503 say when to come back, 401 what to show."""
    found = {
        "type": f"urn:kembali:problem:{code}",
        "title": _TITLES.get(status, "Error"),
        "status": status,
        "code": code,
        "detail": detail,
        "hint": hint,
        "errors": list(errors),
    }
    response = HttpResponse(json.dumps(found), content_type="application/problem+json", status=status)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="kembali"'
    if status in {429, 503}:
        response["Retry-After"] = str(retry_after_s or _RETRY_AFTER_S)
    return response
