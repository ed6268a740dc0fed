from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "consentry_server.projects"
