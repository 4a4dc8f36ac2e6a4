"""Who customers are: clusters of identifiers, what ties them, and what people decided about them."""

from django.db import models
from django.db.models.functions import Concat, Lower

from kembali.shop.models.columns import CHANGED, NEVER, Xid8Field


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
    place_at = models.DateTimeField(db_default=NEVER)
    first_seen_at = models.DateTimeField(null=True)
    changed_xid = Xid8Field(db_default=CHANGED, editable=False)

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
    email_at = models.DateTimeField(db_default=NEVER)
    phone = models.TextField(default="")
    phone_at = models.DateTimeField(db_default=NEVER)
    first_name = models.TextField(default="")
    last_name = models.TextField(default="")
    name_at = models.DateTimeField(db_default=NEVER)
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
