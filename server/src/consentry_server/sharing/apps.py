from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "consentry_server.sharing"
