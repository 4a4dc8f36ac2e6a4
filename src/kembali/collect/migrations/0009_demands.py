from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("collect", "0008_savedmapping"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="fact",
            index=models.Index(
                fields=["seq"],
                name="collect_fact_demands",
                condition=models.Q(kind="privacy.requested"),
            ),
        ),
    ]
