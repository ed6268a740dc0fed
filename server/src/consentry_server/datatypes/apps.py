from django.apps import AppConfig


class DatatypesConfig(AppConfig):
    name = "consentry_server.datatypes"
