from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "kembali.consent"
    label = "consent"
