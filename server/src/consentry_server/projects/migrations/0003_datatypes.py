import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0002_webhook"),
    ]

    operations = [
        migrations.AddField(
            model_name="project",
            name="any_datatypes",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="project",
            name="auto_add_datatypes",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("datatype_id", models.BigIntegerField(db_index=True)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="registrations", to="projects.project"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("project", "datatype_id"), name="registered_once")],
            },
        ),
    ]
