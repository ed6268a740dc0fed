import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0007_ledger_by_project")]

    operations = [
        migrations.AlterField(
            model_name="access",
            name="file",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="files.datafile",
            ),
        ),
    ]
