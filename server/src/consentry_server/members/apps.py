from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "consentry_server.members"
