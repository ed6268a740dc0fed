from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "consentry_server.outbox"
