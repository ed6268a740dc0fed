import unicodedata
from typing import Any

from django.db import migrations

from consentry_server.audit.immutable import write_once

NAMES = ("name", "leader", "organization", "short_description", "long_description", "returned_data_description")


def folded(*texts: str) -> str:
    apart = unicodedata.normalize("NFKD", "\n".join(texts)).casefold()
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).split())


def make_searchable(apps: Any, _editor: Any) -> None:
    for project in apps.get_model("projects", "Project").objects.iterator():
        project.searched = folded(*(getattr(project, name) for name in NAMES))
        project.save(update_fields=["searched"])


class Migration(migrations.Migration):
    dependencies = [("projects", "0005_reviews")]
    operations = [
        migrations.RunPython(make_searchable, migrations.RunPython.noop),
        write_once("projects_version"),
    ]
