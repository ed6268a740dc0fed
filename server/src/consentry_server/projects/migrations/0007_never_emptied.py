from django.db import migrations

from consentry_server.audit.immutable import never_emptied


class Migration(migrations.Migration):
    dependencies = [("projects", "0006_versions_write_once")]
    operations = [never_emptied("projects_version")]
