from django.apps import AppConfig


class RelayConfig(AppConfig):
    name = "kembali.relay"
    label = "relay"
