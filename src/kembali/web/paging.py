"""Going on through long lists: by cursor, with the way back kept in the address."""

from django.http import HttpRequest, QueryDict

from kembali.web.pages.parts import Pager

PAGE_SIZE = 50
_TRAIL_LENGTH = 40


def cursor_of(request: HttpRequest, name: str = "after") -> int | None:
    """Return where the page before ended; None for the first page or what is no number."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 and int(text) > 0 else None


def pager(request: HttpRequest, following: int | None, *, total: int | None = None, name: str = "after") -> Pager:
    """Return the links to the next page (`following`: where this one ended, None on the last) and to the one before."""
    here = cursor_of(request, name)
    trail = [step for step in request.GET.get("trail", "").split(".") if step.isdecimal()]
    forth = back = ""
    if following is not None:
        forth = _href(request, name, str(following), [*trail, str(here or 0)][-_TRAIL_LENGTH:])
    if here is not None:
        back = _href(request, name, trail[-1] if trail else "0", trail[:-1])
    return Pager(back, forth, total)


def _href(request: HttpRequest, name: str, cursor: str, trail: list[str]) -> str:
    query = QueryDict(mutable=True)
    for key in request.GET:
        if key not in {name, "trail", "csv"}:
            query.setlist(key, request.GET.getlist(key))
    if cursor != "0":
        query[name] = cursor
    if trail:
        query["trail"] = ".".join(trail)
    return f"?{query.urlencode()}" if query else request.path
