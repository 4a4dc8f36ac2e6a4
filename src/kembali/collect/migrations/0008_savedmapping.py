from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("collect", "0007_epoch_default")]

    operations = [
        migrations.CreateModel(
            name="SavedMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField(unique=True)),
                ("header", models.TextField()),
                ("mapping", models.JSONField()),
                ("saved_at", models.DateTimeField()),
            ],
        ),
    ]
