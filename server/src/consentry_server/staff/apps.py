from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "consentry_server.staff"
