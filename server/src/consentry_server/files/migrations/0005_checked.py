from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0004_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="datafile",
            name="checked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="datafile",
            index=models.Index(
                condition=models.Q(("completed_at__isnull", False), ("deleted_at", None)),
                fields=["checked_at", "id"],
                name="files_to_check",
            ),
        ),
    ]
