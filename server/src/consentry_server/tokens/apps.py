from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "consentry_server.tokens"
