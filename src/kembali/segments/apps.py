from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "kembali.segments"
    label = "segments"
