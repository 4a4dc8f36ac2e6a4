"""Connect a shop: the form with its platform's steps, each thing checked before anything is stored."""

from django.conf import settings
from django.contrib import messages as notes
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from kembali.collect import api as collect
from kembali.infra.http import Client
from kembali.kernel.errors import KembaliError
from kembali.shop import api as shop
from kembali.web.pages import connections as pages
from kembali.web.requests import ShopRequest
from kembali.web.views.connections import may_change

_GUIDES = {name: f"web/connect/{name}.html" for name in ("shopify", "woocommerce")}


def connect(request: ShopRequest, platform: str) -> HttpResponse:
    """GET shows the form; POST checks what was entered, and with `action=connect` connects when all is right."""
    connector = collect.CONNECTORS.get(platform)
    if connector is None:
        raise Http404
    if request.method != "POST":
        return pages.render_form(request, _page(request, connector))
    http = Client(allow_private=settings.KEMBALI.allow_private_addresses)
    values = {field.name: request.POST.get(field.name, "") for field in connector.fields}
    address, name = request.POST.get("address", ""), request.POST.get("name", "").strip()
    try:
        checks = list(collect.check_shop(platform, address=address, values=values, http=http, at=request.at))
        is_right = all(check.state == "ok" for check in checks)
        if request.POST.get("action") != "connect" or not is_right:
            return pages.render_form(request, _page(request, connector, checks=checks))
        collect.connect_shop(platform, name=name, address=address, values=values, at=request.at)
    except KembaliError as error:
        return pages.render_form(request, _page(request, connector, error=error))
    name = name or platform
    try:
        shop.set_up_once(lambda: collect.about_shop(name, http=http, at=request.at))
    except KembaliError as error:
        notes.warning(request, str(error))
    try:
        topics = collect.order_webhooks(name, http=http, at=request.at)
    except KembaliError as error:
        notes.warning(request, gettext("The shop is connected, but its webhooks are not: %(why)s") % {"why": error})
    else:
        notes.success(
            request,
            gettext("The shop is connected and sends %(count)s kinds of webhooks.") % {"count": len(topics)}
            if topics
            else gettext("The shop is connected."),
        )
    return redirect("web:connection", name)


def _page(
    request: ShopRequest,
    connector: collect.Connector,
    *,
    checks: list[collect.Check] | None = None,
    error: KembaliError | None = None,
) -> pages.ConnectPage:
    edge_url = settings.KEMBALI.edge_url
    return pages.ConnectPage(
        platform=connector.platform,
        title=connector.title,
        guide=_GUIDES.get(connector.platform, ""),
        scopes=",".join(collect.SHOPIFY_SCOPES) if connector.platform == "shopify" else "",
        edge_url=edge_url,
        only_here=settings.KEMBALI.edge_is_only_here,
        address=request.POST.get("address", ""),
        name=request.POST.get("name", ""),
        fields=tuple(
            pages.FieldRow(
                name=field.name,
                label=field.label,
                help=field.help,
                is_secret=field.is_secret,
                is_needed=field.is_needed,
                placeholder=field.placeholder,
                value="" if field.is_secret else request.POST.get(field.name, ""),
            )
            for field in connector.fields
        ),
        checks=tuple(pages.CheckRow(one.name, one.state, one.words, one.hint) for one in checks or ()),
        is_right=bool(checks) and all(one.state == "ok" for one in checks or ()),
        may_change=may_change(request),
        error=error.message if error else "",
        error_hint=error.hint if error else "",
    )
