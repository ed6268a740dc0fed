import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Who typed a device's code; codes by their challenge."""

    dependencies = [("tokens", "0004_successors"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField(
            model_name="device",
            name="member",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="authorizationcode",
            index=models.Index(
                condition=models.Q(("code_challenge", ""), _negated=True),
                fields=["code_challenge"],
                name="codes_by_challenge",
            ),
        ),
    ]
