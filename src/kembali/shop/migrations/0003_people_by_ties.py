"""Merges rest on ties; what a person decides has a table of its own. Earlier merges become ties."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0002_order_notes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("anonymous_id", models.TextField()),
                ("first_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_id", models.BigIntegerField()),
                ("second_id", models.BigIntegerField()),
                ("verdict", models.TextField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_id", models.BigIntegerField()),
                ("second_id", models.BigIntegerField()),
                ("via", models.JSONField()),
                ("found_at", models.DateTimeField()),
                ("put_off_until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Spelling",
            fields=[
                ("subject", models.TextField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name="Tie",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "first_id", "second_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("first_id", models.BigIntegerField()),
                ("second_id", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(
            """
            INSERT INTO shop_decision (first_id, second_id, verdict, at)
            SELECT least(first_id, second_id), greatest(first_id, second_id), 'apart', max(at) FROM shop_separation
            WHERE first_id <> second_id GROUP BY 1, 2;
            INSERT INTO shop_tie (first_id, second_id)
            SELECT merged_into_id, id FROM shop_customer WHERE merged_into_id IS NOT NULL;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.DeleteModel(
            name="Separation",
        ),
        migrations.AddField(
            model_name="customer",
            name="is_shared",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="identifier",
            name="is_claimed",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="settings",
            name="country",
            field=models.TextField(default=""),
        ),
        migrations.AddField(
            model_name="settings",
            name="placeholders",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="claim",
            name="customer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, to="shop.customer"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["second_id"], name="shop_decision_second"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(fields=("first_id", "second_id"), name="shop_decision_once"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["same", "apart"])), name="shop_decision_verdict"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_id__lt", models.F("second_id"))), name="shop_decision_order"
            ),
        ),
        migrations.AddIndex(
            model_name="question",
            index=models.Index(fields=["second_id"], name="shop_question_second"),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.UniqueConstraint(fields=("first_id", "second_id"), name="shop_question_once"),
        ),
        migrations.AddField(
            model_name="spelling",
            name="customer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, to="shop.customer"),
        ),
        migrations.AddIndex(
            model_name="tie",
            index=models.Index(fields=["second_id"], name="shop_tie_second"),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(fields=("anonymous_id", "customer"), name="shop_claim_once"),
        ),
    ]
