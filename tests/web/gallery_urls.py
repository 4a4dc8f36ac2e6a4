"""The dashboard's addresses without views: enough for templates to write links."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from kembali.web.routes import ROUTES


def _nothing(request: HttpRequest, **_: object) -> HttpResponse:
    return HttpResponse(status=204)


_web = [path(route.path, _nothing, name=route.name) for route in ROUTES]
urlpatterns = [path("", include((_web, "web")))]
