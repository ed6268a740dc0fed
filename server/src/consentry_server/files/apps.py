from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "consentry_server.files"
