from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "consentry_server.web"
