from django.db import migrations

from consentry_server.audit.immutable import never_emptied


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_write_once")]
    operations = [never_emptied("audit_event")]
