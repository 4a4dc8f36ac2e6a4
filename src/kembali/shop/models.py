"""Tables of the shop's state. Only `Person` and `Identifier` hold personal data.

Every row that the lake copies carries `changed_xid`, the transaction that last wrote it: "changed since" is asked
below the oldest running transaction, so that a late commit is never skipped.
"""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Concat, Lower

if TYPE_CHECKING:
    _TextLike = models.Field[str, str]
else:
    _TextLike = models.Field


class Xid8Field(_TextLike):
    """PostgreSQL's 64-bit transaction id."""

    def db_type(self, connection: object) -> str:  # noqa: ARG002 - Django's signature
        """Return the column's type."""
        return "xid8"


_CHANGED = models.expressions.RawSQL("pg_current_xact_id()", ())
_NEVER = models.expressions.RawSQL("'0001-01-01 00:00+00'::timestamptz", ())


class Settings(models.Model):
    """The one row of what the owner decided about the shop."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.TextField()
    currency = models.CharField(max_length=3)
    time_zone = models.TextField()
    country = models.TextField(default="")  # empty: as the zone says
    placeholders = models.JSONField(default=list)
    default_margin_percent = models.DecimalField(max_digits=5, decimal_places=2)
    clock_offset = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="shop_settings_one_row")]


class Customer(models.Model):
    """Whoever one identifier leads to. Its id never changes and is never reused.

    `merged_into` is the pointer of a merge and nothing else changes with it; `root_id` is where following the
    pointers ends, kept beside them so that every query is one join. A person is all customers of one root. Both follow
    from `Tie` and `Decision`, see `rules.people`.
    """

    merged_into = models.ForeignKey("self", null=True, on_delete=models.RESTRICT, db_index=False)  # see indexes
    root_id = models.BigIntegerField()
    is_shared = models.BooleanField(default=False, db_default=False)
    country = models.TextField(default="")
    city = models.TextField(default="")
    place_at = models.DateTimeField(db_default=_NEVER)
    first_seen_at = models.DateTimeField(null=True)
    changed_xid = Xid8Field(db_default=_CHANGED, editable=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["merged_into"], name="shop_customer_merged", condition=models.Q(merged_into__isnull=False)
            ),
            models.Index(fields=["root_id"], name="shop_customer_root"),
            models.Index(fields=["changed_xid"], name="shop_customer_changed"),
        ]


class Tie(models.Model):
    """Two customers whose identifiers one fact named: the evidence of merges. `first_id` is the lower one."""

    pk = models.CompositePrimaryKey("first_id", "second_id")
    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["second_id"], name="shop_tie_second")]


class Alias(models.Model):
    """A program of the shop's said that the customer `previous_id` is now called `customer_id`."""

    pk = models.CompositePrimaryKey("previous_id", "customer_id")
    previous_id = models.BigIntegerField()
    customer_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["customer_id"], name="shop_alias_customer")]


class Decision(models.Model):
    """What a person decided about two customers: the `same` person, or kept `apart`, whatever facts say."""

    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()
    verdict = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first_id", "second_id"], name="shop_decision_once"),
            models.CheckConstraint(condition=models.Q(verdict__in=["same", "apart"]), name="shop_decision_verdict"),
            models.CheckConstraint(condition=models.Q(first_id__lt=models.F("second_id")), name="shop_decision_order"),
        ]
        indexes = [models.Index(fields=["second_id"], name="shop_decision_second")]


class Question(models.Model):
    """Two customers that facts would make one although they bear different numbers: a person decides.

    via: the customers of the identifiers they share. It goes when the ties or a decision answer it.
    """

    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()
    via = models.JSONField()
    found_at = models.DateTimeField()
    put_off_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["first_id", "second_id"], name="shop_question_once")]
        indexes = [models.Index(fields=["second_id"], name="shop_question_second")]


class Person(models.Model):
    """Who a customer is. Each field carries the instant it was learnt at: the latest word counts."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.RESTRICT)
    email = models.TextField(default="")
    email_at = models.DateTimeField(db_default=_NEVER)
    phone = models.TextField(default="")
    phone_at = models.DateTimeField(db_default=_NEVER)
    first_name = models.TextField(default="")
    last_name = models.TextField(default="")
    name_at = models.DateTimeField(db_default=_NEVER)
    full_name_key = models.GeneratedField(
        expression=Lower(Concat("first_name", models.Value(" ", models.TextField()), "last_name")),
        output_field=models.TextField(),
        db_persist=True,
    )
    last_name_key = models.GeneratedField(
        expression=Lower("last_name"), output_field=models.TextField(), db_persist=True
    )

    class Meta:
        indexes = [
            models.Index(fields=["email"], opclasses=["text_pattern_ops"], name="shop_person_email"),
            models.Index(fields=["full_name_key"], opclasses=["text_pattern_ops"], name="shop_person_full_name"),
            models.Index(fields=["last_name_key"], opclasses=["text_pattern_ops"], name="shop_person_last_name"),
        ]


class Identifier(models.Model):
    """Something a customer is known by. Survives a rebuild, so that customers keep their ids.

    `is_claimed`: only a browser has said so, and nothing that can be trusted.
    """

    kind = models.TextField()
    value = models.TextField()
    is_claimed = models.BooleanField(default=False, db_default=False)
    customer = models.ForeignKey(Customer, on_delete=models.RESTRICT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="shop_identifier_once")]
        indexes = [
            models.Index(fields=["value"], opclasses=["text_pattern_ops"], name="shop_identifier_value"),
            models.Index(fields=["id"], name="shop_identifier_claimed", condition=models.Q(is_claimed=True)),
        ]


class Spelling(models.Model):
    """A name, other than the identifier in normal form, under which facts about a customer lie in the log."""

    subject = models.TextField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.RESTRICT)


class Claim(models.Model):
    """A browser said that it is this customer's. Nobody has confirmed it: it ties nobody and proves nothing."""

    anonymous_id = models.TextField()
    customer = models.ForeignKey(Customer, on_delete=models.RESTRICT)
    first_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["anonymous_id", "customer"], name="shop_claim_once")]


class Product(models.Model):
    """Something sold or for sale. `sku_key` is the SKU with its case folded, or what stands for it: `rules.line_key`.

    `sku`, `title`, `is_service`: what lines of orders call it. `listed_…`: what the best version of the catalogue that
    names it says (`listed_rank`, then `variant_ref`); its place there is `Listing`. `unit_cost_minor` is the owner's
    word if there is one, else the latest that the catalogue told.
    """

    sku_key = models.TextField()
    sku = models.TextField()
    title = models.TextField(default="")
    title_at = models.DateTimeField(db_default=_NEVER)
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
    changed_xid = Xid8Field(db_default=_CHANGED, editable=False)

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
    changed_xid = Xid8Field(db_default=_CHANGED, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "product_ref"], name="shop_listing_once")]


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
    changed_xid = Xid8Field(db_default=_CHANGED, editable=False)

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
