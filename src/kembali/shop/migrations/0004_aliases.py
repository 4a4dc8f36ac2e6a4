"""What a program of the shop's calls its customers now, and whom only browsers have named."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0003_people_by_ties"),
    ]

    operations = [
        migrations.CreateModel(
            name="Alias",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "previous_id", "customer_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("previous_id", models.BigIntegerField()),
                ("customer_id", models.BigIntegerField()),
            ],
        ),
        migrations.AddIndex(
            model_name="identifier",
            index=models.Index(condition=models.Q(("is_claimed", True)), fields=["id"], name="shop_identifier_claimed"),
        ),
        migrations.AddIndex(
            model_name="alias",
            index=models.Index(fields=["customer_id"], name="shop_alias_customer"),
        ),
    ]
