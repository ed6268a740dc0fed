from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0001_first"),
    ]

    operations = [
        migrations.AddField(
            model_name="datafile",
            name="datatypes",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AlterField(
            model_name="access",
            name="kind",
            field=models.CharField(
                choices=[
                    ("members", "looked at the list of its members"),
                    ("member", "looked at the list of your files"),
                    ("download", "downloaded"),
                    ("links", "took download links to some of your files"),
                    ("archive", "took some of your files in an archive"),
                ],
                max_length=8,
            ),
        ),
    ]
