"""An empty shop again within one test: for those that end in the same state by many roads."""

from django.apps import apps

from kembali.infra.database import raw_cursor
from kembali.shop.models import Settings


def empty_shop(*also: str) -> None:
    """Empty every table of the shop but its settings, the log with its readers' places, and the tables of `also`.

    The tables are asked of the room: a new one is emptied from its first day.
    """
    folded = [model._meta.db_table for model in apps.get_app_config("shop").get_models() if model is not Settings]
    tables = ", ".join([*folded, "collect_fact", "collect_cursor", *also])
    with raw_cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
