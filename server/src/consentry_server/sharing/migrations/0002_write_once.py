from django.db import migrations

from consentry_server.audit.immutable import write_once


class Migration(migrations.Migration):
    dependencies = [("sharing", "0001_first")]
    operations = [write_once("sharing_consent")]
