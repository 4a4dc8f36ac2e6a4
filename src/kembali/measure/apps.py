from django.apps import AppConfig


class MeasureConfig(AppConfig):
    name = "kembali.measure"
    label = "measure"
