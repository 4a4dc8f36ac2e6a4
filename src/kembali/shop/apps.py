from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "kembali.shop"
    label = "shop"
