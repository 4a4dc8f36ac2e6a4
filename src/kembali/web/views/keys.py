"""Keys of programs: who has one, what it may, and making, replacing and withdrawing them."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from kembali.accounts import api as accounts
from kembali.kernel.errors import Denied, Refused
from kembali.web.auth import staff_of
from kembali.web.clock import wall_now
from kembali.web.pages import keys as pages
from kembali.web.pages.parts import Tag
from kembali.web.requests import ShopRequest


class OnlyForOwners(Denied):
    """A key opens the whole shop to a program: only owners make one."""

    code = "only_for_owners"


def keys(request: ShopRequest) -> HttpResponse:
    """Show all keys; POST makes, replaces or withdraws one. Keys live by the wall clock."""
    if request.method != "POST":
        return pages.render(request, _page(request))
    needs_owner(request)
    action, key_id = request.POST.get("action", ""), key_id_of(request.POST.get("key", ""))
    if action == "revoke":
        accounts.revoke_key(key_id, at=wall_now())
        return redirect("web:keys")
    try:
        if action == "rotate":
            token = accounts.rotate_key(key_id, at=wall_now())
            note = gettext("It takes the place of the old key, which works for 24 hours more.")
        else:
            source, scopes = request.POST.get("source", "").strip(), request.POST.getlist("scope")
            token = accounts.create_key(source, is_public=False, at=wall_now(), scopes=scopes)
            note = gettext("Give it to one program and no other.")
    except Refused as error:
        return pages.render(request, _page(request, error=error))
    return pages.render(request, _page(request, token=token, note=note))


def needs_owner(request: ShopRequest) -> None:
    """Return if an owner asks.

    Raises:
        OnlyForOwners: somebody else does.
    """
    if not is_owner(request):
        raise OnlyForOwners("Only an owner of the shop may change this.", hint="Ask an owner to do it.")


def is_owner(request: ShopRequest) -> bool:
    """Return whether an owner asks."""
    staff = staff_of(request)
    return staff is not None and staff.role == staff.Role.OWNER


def key_id_of(text: str) -> int:
    """Return a number of a form; 0, which nothing has, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _page(request: ShopRequest, *, token: str = "", note: str = "", error: Refused | None = None) -> pages.KeysPage:
    return pages.KeysPage(
        at=wall_now(),
        rows=tuple(_row(key) for key in reversed(accounts.list_keys())),
        scopes=tuple(pages.ScopeChoice(name, meaning) for name, meaning in _meanings().items()),
        may_change=is_owner(request),
        token=token,
        token_note=note,
        error=error.message if error else "",
        error_hint=error.hint if error else "",
    )


def _row(key: accounts.KeyView) -> pages.KeyRow:
    is_open = key.revoked_at is None and (key.expires_at is None or key.expires_at > wall_now())
    if key.revoked_at is not None:
        state = Tag(gettext("withdrawn"), "plain")
    elif not is_open:
        state = Tag(gettext("expired"), "plain")
    elif key.expires_at is not None:
        state = Tag(gettext("replaced"), "hold")
    else:
        state = Tag(gettext("✓ open"), "back")
    return pages.KeyRow(
        key_id=key.id,
        source=key.source,
        public_token=key.public_token or "",
        scopes=key.scopes,
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        state=state,
        is_open=is_open,
        works_until=key.expires_at if is_open else None,
    )


def _meanings() -> dict[str, str]:
    return {
        "track": gettext("send events, which are believed"),
        "read:customers": gettext("read who the customers are, with their addresses"),
        "write:customers": gettext("say what is known of customers"),
        "read:orders": gettext("read orders"),
        "write:orders": gettext("say orders"),
        "read:products": gettext("read products with their costs"),
        "write:products": gettext("say products"),
        "read:facts": gettext("read everything that happened"),
        "write:facts": gettext("say that something happened, consents too"),
        "admin:webhooks": gettext("decide which programs are told of everything"),
    }
