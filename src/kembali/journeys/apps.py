from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "kembali.journeys"
    label = "journeys"
