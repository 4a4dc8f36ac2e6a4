"""Django's entry for the dashboard: templates, static files and tags; it has no tables."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The room `web`."""

    name = "kembali.web"
    label = "web"
