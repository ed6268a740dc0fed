from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "consentry_server.ops"
