from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "consentry_server.messaging"
