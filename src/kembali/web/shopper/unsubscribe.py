"""The address in every mail's List-Unsubscribe header: GET shows a page and changes nothing, POST stops the mails."""

from django.http import HttpResponse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kembali.consent import api as consent
from kembali.web.requests import ShopRequest, shop_of
from kembali.web.shopper.pages import UnsubscribePage, render_unsubscribe


# RFC 8058: mail programs POST without cookies; the signed token is the permission, stopping the only effect.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: ShopRequest, token: str) -> HttpResponse:
    """Return the question, or the confirmation after the button or a mail program's one-click POST. Never redirects."""
    found = shop_of(request)
    shop_name = found.name if found else ""
    try:
        about = consent.describe_token(token)
        if request.method == "POST":
            one_click = request.POST.get("List-Unsubscribe") == "One-Click"
            consent.unsubscribe(token, at=request.at, source="one_click" if one_click else "page")
    except consent.TokenNotValid:
        return render_unsubscribe(request, UnsubscribePage(shop_name, "", "", "unknown"))
    topic = gettext("offers and news")
    if request.method == "POST":
        return render_unsubscribe(request, UnsubscribePage(shop_name, about.masked_email, topic, "done"))
    return render_unsubscribe(request, UnsubscribePage(shop_name, about.masked_email, topic, "ask"))
