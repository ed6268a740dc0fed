from django.db import migrations

from consentry_server.audit.immutable import never_emptied


class Migration(migrations.Migration):
    dependencies = [("sharing", "0004_departures")]
    operations = [never_emptied("sharing_consent")]
