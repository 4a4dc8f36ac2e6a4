"""Signing in with a one-time link, and out."""

import math

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from kembali.accounts import api as accounts
from kembali.web.auth import staff_of
from kembali.web.clock import wall_now
from kembali.web.pages import sign_in as pages


def without_link(request: HttpRequest) -> HttpResponse:
    """Say how to get a link; somebody signed in goes Home."""
    if staff_of(request):
        return redirect("web:home")
    return pages.render_no_link(request, pages.NoLinkPage("missing"))


@never_cache
def with_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the button and uses nothing up, because mail programs follow links; POST signs in, once."""
    at = wall_now()
    if request.method == "POST":
        try:
            staff = accounts.redeem_sign_in_link(token=token, at=at)
        except accounts.LinkNotUsable:
            return pages.render_no_link(request, pages.NoLinkPage(_reason(accounts.find_sign_in_link(token))))
        login(request, staff)
        return redirect("web:home")
    link = accounts.find_sign_in_link(token)
    if link is None or link.is_used or link.expires_at <= at:
        if staff_of(request):
            return redirect("web:home")
        return pages.render_no_link(request, pages.NoLinkPage(_reason(link)))
    minutes_left = math.ceil((link.expires_at - at).total_seconds() / 60)
    return pages.render(request, pages.SignInPage(link.staff_name, minutes_left))


def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("web:sign-in")


def _reason(link: accounts.SignInLinkView | None) -> pages.NoLinkReason:
    return "used" if link is not None and link.is_used else "expired"
