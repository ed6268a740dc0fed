from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0002_unwanted_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="language",
            field=models.CharField(blank=True, max_length=10),
        ),
    ]
