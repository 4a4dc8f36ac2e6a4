"""What shoppers have begun to buy, and parcels on their way."""

from django.db import models

from kembali.shop.models.people import Customer


class Cart(models.Model):
    """A cart or checkout (`kind`) as its best version says. Completed stays completed, deleted stays deleted.

    `lines`: [[SKU, title, pieces, total in minor units], …].
    """

    source = models.TextField()
    kind = models.TextField()
    cart_ref = models.TextField()
    version_rank = models.TextField(db_default="", db_collation="C")
    changed_at = models.DateTimeField(null=True)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.RESTRICT, db_constraint=False)
    currency = models.TextField(db_default="")
    total_minor = models.BigIntegerField(null=True)
    lines = models.JSONField(db_default=[])
    url = models.TextField(db_default="")
    order_ref = models.TextField(db_default="", db_collation="C")
    is_completed = models.BooleanField(db_default=False)
    is_deleted = models.BooleanField(db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "kind", "cart_ref"], name="shop_cart_once")]
        indexes = [
            models.Index(
                fields=["changed_at", "id"],
                name="shop_cart_open",
                condition=models.Q(is_completed=False, is_deleted=False),
            )
        ]


class Shipment(models.Model):
    """One parcel of an order, as its best version says."""

    source = models.TextField()
    order_ref = models.TextField()
    shipment_ref = models.TextField()
    version_rank = models.TextField(db_default="", db_collation="C")
    status = models.TextField()
    carrier = models.TextField(default="")
    tracking_number = models.TextField(default="")
    tracking_url = models.TextField(default="")
    shipped_at = models.DateTimeField(null=True)
    promised_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "order_ref", "shipment_ref"], name="shop_shipment_once")
        ]
        indexes = [
            models.Index(
                fields=["promised_at", "id"],
                name="shop_shipment_promised",
                condition=models.Q(promised_at__isnull=False, delivered_at__isnull=True),
            )
        ]
