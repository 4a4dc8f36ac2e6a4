from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    name = "kembali.experiments"
    label = "experiments"
