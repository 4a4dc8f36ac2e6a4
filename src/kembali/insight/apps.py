from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "kembali.insight"
    label = "insight"
