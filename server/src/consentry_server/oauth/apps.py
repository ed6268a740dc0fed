from django.apps import AppConfig


class OAuthConfig(AppConfig):
    name = "consentry_server.oauth"
    label = "oauth"
