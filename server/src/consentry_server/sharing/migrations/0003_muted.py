from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sharing", "0002_write_once")]
    operations = [migrations.AddField("projectmember", "muted_at", models.DateTimeField(null=True))]
