"""Orders as their winning versions say, with their lines and what was given back."""

from django.db import models

from kembali.shop.models.columns import CHANGED, Xid8Field
from kembali.shop.models.people import Customer
from kembali.shop.models.products import Product


class Order(models.Model):
    """An order, a cancellation or an adjustment, as its winning version says.

    A version that bears the platform's own instant (`version_dated`) wins over any that does not; then the latest
    `version_at`, then the message id. `said_status` is the version's; `status` is what notes made of it.

    `gross_minor` is the total as charged, signed. `net_minor` is what is left after refunds and cancellations, never
    below 0; NULL while it cannot be told in the shop's currency.
    """

    source = models.TextField()
    order_ref = models.TextField()
    # Written in one transaction with their customers' identifiers, which hold the customers: no second check in the
    # database. Its index is below.
    customer = models.ForeignKey(Customer, null=True, on_delete=models.RESTRICT, db_index=False, db_constraint=False)
    kind = models.TextField()
    status = models.TextField()
    said_status = models.TextField(db_default="")
    placed_at = models.DateTimeField()
    placed_on = models.DateField()
    currency = models.CharField(max_length=3)
    gross_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(null=True)
    shipping_minor = models.BigIntegerField(null=True)
    tax_minor = models.BigIntegerField(null=True)
    refunded_minor = models.BigIntegerField(null=True)
    noted_refund_minor = models.BigIntegerField(db_default=0)
    net_minor = models.BigIntegerField(null=True)
    margin_minor = models.BigIntegerField(null=True)
    margin_assumed = models.BooleanField(default=True)
    version_dated = models.BooleanField(db_default=False)
    version_at = models.DateTimeField()
    version_id = models.TextField()
    changed_xid = Xid8Field(db_default=CHANGED, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "order_ref"], name="shop_order_once")]
        indexes = [
            models.Index(fields=["customer", "placed_at"], name="shop_order_customer"),
            models.Index(fields=["changed_xid"], name="shop_order_changed"),
        ]


class OrderNote(models.Model):
    """What became of an order beside its versions: deleted, restored, cancelled, refunded. It may be here before it.

    `placed` is a tracking event's word about when the order was placed: the earliest counts. `lines`: [[SKU key,
    pieces], …] given back at the order's own prices.
    """

    source = models.TextField()
    order_ref = models.TextField()
    note_ref = models.TextField()
    kind = models.TextField()
    noted_at = models.DateTimeField()
    amount_minor = models.BigIntegerField(null=True)
    currency = models.TextField(default="")
    lines = models.JSONField(null=True)

    class Meta:
        db_table = "shop_order_note"
        constraints = [
            models.UniqueConstraint(fields=["source", "order_ref", "note_ref", "kind"], name="shop_order_note_once")
        ]


class OrderLine(models.Model):
    """A line of an order's winning version.

    No foreign keys in the database: lines are only ever written with their order, and checking 300,000 of them would
    double the time of an import.
    """

    pk = models.CompositePrimaryKey("order_id", "position")
    order = models.ForeignKey(Order, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    position = models.IntegerField()
    product = models.ForeignKey(Product, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    quantity = models.BigIntegerField()
    unit_price = models.DecimalField(max_digits=24, decimal_places=6)
    total_minor = models.BigIntegerField()

    class Meta:
        db_table = "shop_order_line"


class Refund(models.Model):
    """The part of a cancellation's line that unwinds a line of an earlier order."""

    cancellation = models.ForeignKey(
        Order, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="unwinds"
    )
    cancellation_position = models.IntegerField()
    order = models.ForeignKey(Order, on_delete=models.DO_NOTHING, db_constraint=False, related_name="refunds")
    order_position = models.IntegerField()
    quantity = models.BigIntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cancellation", "cancellation_position", "order", "order_position"], name="shop_refund_once"
            )
        ]
