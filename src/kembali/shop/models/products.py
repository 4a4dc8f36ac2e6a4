"""What is sold or for sale, and its place in a catalogue."""

from django.db import models
from django.db.models.functions import Lower

from kembali.shop.models.columns import CHANGED, NEVER, Xid8Field


class Product(models.Model):
    """Something sold or for sale. `sku_key` is the SKU with its case folded, or what stands for it: `rules.line_key`.

    `sku`, `title`, `is_service`: what lines of orders call it. `listed_…`: what the best version of the catalogue that
    names it says (`listed_rank`, then `variant_ref`); its place there is `Listing`. `unit_cost_minor` is the owner's
    word if there is one, else the latest that the catalogue told.
    """

    sku_key = models.TextField()
    sku = models.TextField()
    title = models.TextField(default="")
    title_at = models.DateTimeField(db_default=NEVER)
    is_service = models.BooleanField(default=False)
    unit_cost_minor = models.BigIntegerField(null=True)
    owner_cost_minor = models.BigIntegerField(null=True)
    told_cost_minor = models.BigIntegerField(null=True)
    told_cost_rank = models.TextField(db_default="", db_collation="C")
    listed_rank = models.TextField(db_default="", db_collation="C")
    listed_source = models.TextField(db_default="")
    product_ref = models.TextField(db_default="")
    variant_ref = models.TextField(db_default="", db_collation="C")
    listed_sku = models.TextField(db_default="")
    listed_title = models.TextField(db_default="")
    variant_title = models.TextField(db_default="")
    listed_status = models.TextField(db_default="")
    brand = models.TextField(db_default="")
    categories = models.JSONField(db_default=[])
    handle = models.TextField(db_default="")
    url = models.TextField(db_default="")
    image_url = models.TextField(db_default="")
    currency = models.TextField(db_default="")
    price_minor = models.BigIntegerField(null=True)
    compare_at_minor = models.BigIntegerField(null=True)
    stock = models.BigIntegerField(null=True)
    listed_at = models.DateTimeField(null=True)
    name_key = models.GeneratedField(
        expression=Lower(
            models.Case(models.When(listed_title="", then="title"), default="listed_title"),
        ),
        output_field=models.TextField(),
        db_persist=True,
    )
    changed_xid = Xid8Field(db_default=CHANGED, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sku_key"], name="shop_product_once")]
        indexes = [
            models.Index(
                fields=["id"], name="shop_product_with_cost", condition=models.Q(unit_cost_minor__isnull=False)
            ),
            models.Index(fields=["name_key"], opclasses=["text_pattern_ops"], name="shop_product_name"),
        ]


class Listing(models.Model):
    """A product of a source's catalogue: its best version, and whether it was taken out later (`deleted_at`)."""

    source = models.TextField()
    product_ref = models.TextField()
    version_rank = models.TextField(db_default="", db_collation="C")
    version_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    changed_xid = Xid8Field(db_default=CHANGED, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "product_ref"], name="shop_listing_once")]
