from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="noted_refund_minor",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="order",
            name="said_status",
            field=models.TextField(db_default=""),
        ),
        migrations.RunSQL("UPDATE shop_order SET said_status = status", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="order",
            name="version_dated",
            field=models.BooleanField(db_default=False),
        ),
        migrations.CreateModel(
            name="OrderNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.TextField()),
                ("order_ref", models.TextField()),
                ("note_ref", models.TextField()),
                ("kind", models.TextField()),
                ("noted_at", models.DateTimeField()),
                ("amount_minor", models.BigIntegerField(null=True)),
                ("currency", models.TextField(default="")),
                ("lines", models.JSONField(null=True)),
            ],
            options={
                "db_table": "shop_order_note",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "order_ref", "note_ref", "kind"), name="shop_order_note_once"
                    )
                ],
            },
        ),
    ]
