from django.db import migrations

from consentry_server.audit.immutable import write_once


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_first")]
    operations = [write_once("audit_event")]
