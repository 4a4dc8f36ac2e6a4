"""All routes: the web room's own, for people and for programs."""

from django.urls import URLPattern, URLResolver, include, path

from kembali.web.api.site import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("", include("kembali.web.urls")),
]
