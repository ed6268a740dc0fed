from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "consentry_server.audit"
