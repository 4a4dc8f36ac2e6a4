"""What happens around every page: only staff get in, the shop's zone holds, and rooms' errors become pages."""

from collections.abc import Callable
from http import HTTPStatus

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from kembali.kernel.errors import Conflict, Denied, KembaliError, NotFound, Refused, Unavailable
from kembali.shop import api as shop
from kembali.web.auth import staff_of
from kembali.web.pages.errors import ErrorPage, error_page, render
from kembali.web.problems import api_problem
from kembali.web.requests import carry, zone_of
from kembali.web.routes import ROUTES

Next = Callable[[HttpRequest], HttpResponseBase]

PUBLIC = frozenset(f"web:{route.name}" for route in ROUTES if route.public)
WITHOUT_SHOP = frozenset(f"web:{route.name}" for route in ROUTES if not route.needs_shop)
_SAFE = ("GET", "HEAD", "OPTIONS")
_STATUS: dict[type[KembaliError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Denied: HTTPStatus.FORBIDDEN,
    Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


class OnlyToLookAt(Denied):
    """A viewer may see everything and change nothing."""

    code = "only_to_look_at"


class StaffOnlyMiddleware:
    """Sends everybody who is not signed in away from every route that the table does not call public."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        """Answer in the view's place where it may not be entered. Runs before a body is read."""
        match = request.resolver_match
        name = match.view_name if match else ""
        if name in PUBLIC or (match is not None and match.namespace == "api"):  # programs show a key, see `web.api`
            return None
        staff = staff_of(request)
        if staff is None:
            return _to_sign_in(request)
        if request.method not in _SAFE and staff.role == staff.Role.VIEWER and name != "web:sign-out":
            return _page_of(request, OnlyToLookAt("You may look at everything here and change nothing."))
        return None


class ShopMiddleware:
    """Puts the shop and its moment on the request, and lets its zone hold while the page is made."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; no zone stays behind for the next one."""
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        """Look the shop up, once, for views that need it."""
        match = request.resolver_match
        if match is not None and match.view_name in WITHOUT_SHOP:
            return None
        try:
            carry(request, shop.find_shop_settings())
        except OperationalError:
            return _no_database(request)
        timezone.activate(zone_of(request))
        return None


class ErrorPagesMiddleware:
    """Turns what a room refuses into a page with the status of its kind. Anything else is a bug and stays one."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Return the page of an error a person can act on."""
        if isinstance(error, OperationalError):
            return _no_database(request)
        return _page_of(request, error) if isinstance(error, KembaliError) else None


def status_of(error: KembaliError) -> int:
    """Return the HTTP status of an error's kind; 500 for one of no kind."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), HTTPStatus(500)).value


def _page_of(request: HttpRequest, error: KembaliError) -> HttpResponse:
    return render(request, error_page(error, status_of(error)))


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("web:sign-in")})
    return redirect("web:sign-in")


def _no_database(request: HttpRequest) -> HttpResponse:
    if request.resolver_match is not None and request.resolver_match.namespace == "api":
        return api_problem(503, "database_unavailable", "The database does not answer.", hint="Ask again later.")
    words = gettext("The database does not answer. It is tried again with the next page.")
    hint = gettext("If this lasts, see kembali doctor on the server.")
    page = ErrorPage(503, gettext("Not available just now"), words, hint, "database_unavailable")
    return render(request, page)
