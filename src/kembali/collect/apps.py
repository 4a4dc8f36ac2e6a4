from django.apps import AppConfig


class CollectConfig(AppConfig):
    name = "kembali.collect"
    label = "collect"
