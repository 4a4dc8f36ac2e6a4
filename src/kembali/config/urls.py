"""All routes: the web room's own."""

from pathlib import Path

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = (
    [path("", include("kembali.web.urls"))] if (Path(__file__).parents[1] / "web" / "urls.py").exists() else []
)
