from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "kembali.messages"
    label = "kembali_messages"  # "messages" is taken by django.contrib.messages; the tables are still messages_*
