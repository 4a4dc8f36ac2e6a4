import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.db import migrations, models

import kembali.shop.models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0004_aliases"),
    ]

    operations = [
        migrations.CreateModel(
            name="Cart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.TextField()),
                ("kind", models.TextField()),
                ("cart_ref", models.TextField()),
                ("version_rank", models.TextField(db_collation="C", db_default="")),
                ("changed_at", models.DateTimeField(null=True)),
                ("currency", models.TextField(db_default="")),
                ("total_minor", models.BigIntegerField(null=True)),
                ("lines", models.JSONField(db_default=[])),
                ("url", models.TextField(db_default="")),
                ("order_ref", models.TextField(db_collation="C", db_default="")),
                ("is_completed", models.BooleanField(db_default=False)),
                ("is_deleted", models.BooleanField(db_default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Listing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.TextField()),
                ("product_ref", models.TextField()),
                ("version_rank", models.TextField(db_collation="C", db_default="")),
                ("version_at", models.DateTimeField(null=True)),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "changed_xid",
                    kembali.shop.models.Xid8Field(
                        db_default=django.db.models.expressions.RawSQL("pg_current_xact_id()", ()), editable=False
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Shipment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.TextField()),
                ("order_ref", models.TextField()),
                ("shipment_ref", models.TextField()),
                ("version_rank", models.TextField(db_collation="C", db_default="")),
                ("status", models.TextField()),
                ("carrier", models.TextField(default="")),
                ("tracking_number", models.TextField(default="")),
                ("tracking_url", models.TextField(default="")),
                ("shipped_at", models.DateTimeField(null=True)),
                ("promised_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="product",
            name="brand",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="product",
            name="categories",
            field=models.JSONField(db_default=[]),
        ),
        migrations.AddField(
            model_name="product",
            name="changed_xid",
            field=kembali.shop.models.Xid8Field(
                db_default=django.db.models.expressions.RawSQL("pg_current_xact_id()", ()), editable=False
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="compare_at_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="currency",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="product",
            name="handle",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="product",
            name="image_url",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="product",
            name="listed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="listed_rank",
            field=models.TextField(db_collation="C", db_default=""),
        ),
        migrations.AddField(
            model_name="product",
            name="listed_sku",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="product",
            name="listed_source",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="product",
            name="listed_status",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="product",
            name="listed_title",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="product",
            name="owner_cost_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="price_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="product_ref",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="product",
            name="stock",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="told_cost_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="told_cost_rank",
            field=models.TextField(db_collation="C", db_default=""),
        ),
        migrations.AddField(
            model_name="product",
            name="url",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="product",
            name="variant_ref",
            field=models.TextField(db_collation="C", db_default=""),
        ),
        migrations.AddField(
            model_name="product",
            name="variant_title",
            field=models.TextField(db_default=""),
        ),
        migrations.AddField(
            model_name="cart",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False, null=True, on_delete=django.db.models.deletion.RESTRICT, to="shop.customer"
            ),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.UniqueConstraint(fields=("source", "product_ref"), name="shop_listing_once"),
        ),
        migrations.AddIndex(
            model_name="shipment",
            index=models.Index(
                condition=models.Q(("delivered_at__isnull", True), ("promised_at__isnull", False)),
                fields=["promised_at", "id"],
                name="shop_shipment_promised",
            ),
        ),
        migrations.AddConstraint(
            model_name="shipment",
            constraint=models.UniqueConstraint(
                fields=("source", "order_ref", "shipment_ref"), name="shop_shipment_once"
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="name_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Lower(
                    models.Case(models.When(listed_title="", then="title"), default="listed_title")
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="cart",
            index=models.Index(
                condition=models.Q(("is_completed", False), ("is_deleted", False)),
                fields=["changed_at", "id"],
                name="shop_cart_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=models.UniqueConstraint(fields=("source", "kind", "cart_ref"), name="shop_cart_once"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["name_key"], name="shop_product_name", opclasses=["text_pattern_ops"]),
        ),
        # Costs were the owner's word only, until now.
        migrations.RunSQL("UPDATE shop_product SET owner_cost_minor = unit_cost_minor", migrations.RunSQL.noop),
    ]
