from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("tokens", "0003_apps")]

    operations = [
        migrations.AddIndex(
            model_name="refreshtoken",
            index=models.Index(
                fields=["family"], condition=Q(("successor", ""), _negated=True), name="kept_successors"
            ),
        ),
    ]
