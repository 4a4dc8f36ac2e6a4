"""Tables of the facts log, of those who read it, and of what fed it."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    _TextLike = models.Field[str, str]
    _JsonLike = models.Field[Any, Any]
else:
    _TextLike = _JsonLike = models.Field


class Xid8Field(_TextLike):
    """PostgreSQL's 64-bit transaction id."""

    def db_type(self, connection: object) -> str:  # noqa: ARG002, D102 - Django's signature
        return "xid8"


class JsonTextField(_JsonLike):
    """JSON as it was written: `json`, not `jsonb`.

    A payload is stored and read whole. Taking it apart for the binary form and putting it together again would cost
    more than all else the log does.
    """

    def db_type(self, connection: object) -> str:  # noqa: ARG002, D102 - Django's signature
        return "json"


class Log(models.Model):
    """The one row that says which epoch the log is in (no row: epoch 0); see `door.open_log`."""

    epoch = models.IntegerField(default=0)


class Fact(models.Model):
    """One thing that happened. Append-only; nothing has a foreign key to it."""

    seq = models.BigAutoField(primary_key=True)
    epoch = models.IntegerField(db_default=0)  # what the default is follows `Log`
    xid = Xid8Field(
        db_default=models.expressions.RawSQL("pg_current_xact_id()", ()),
        editable=False,
    )
    source = models.TextField(db_collation="C")  # bytes: every writer sorts alike, and a prefix is a range
    message_id = models.TextField(db_collation="C")
    kind = models.TextField()
    subject = models.TextField(null=True)
    identifiers = models.JSONField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    payload = JsonTextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "message_id"], name="collect_fact_once")]
        indexes = [
            models.Index(fields=["epoch", "xid", "seq"], name="collect_fact_cursor"),
            models.Index(
                fields=["subject", "-occurred_at"],
                name="collect_fact_subject",
                condition=models.Q(subject__isnull=False),
            ),
            models.Index(
                fields=["seq"],
                name="collect_fact_demands",
                condition=models.Q(kind="privacy.requested"),
            ),
        ]


class Cursor(models.Model):
    """How far a consumer has read: everything at or before (epoch, xid, seq) is handled or parked."""

    consumer = models.TextField(primary_key=True)
    epoch = models.IntegerField(default=0)
    xid = Xid8Field(default="0")
    seq = models.BigIntegerField(default=0)


class ParkedFact(models.Model):
    """A fact its consumer could not handle, with the reason; replayable after the cause is mended."""

    consumer = models.TextField()
    fact_seq = models.BigIntegerField()
    reason = models.TextField()
    parked_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)  # a person wants it handled again: the next worker does

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consumer", "fact_seq"], name="collect_parked_once")]


class Volume(models.Model):
    """How many facts of a kind a source brought in an hour, by how late they came; see `volume`."""

    source = models.TextField(db_collation="C")
    hour = models.DateTimeField()
    kind = models.TextField()
    lag_class = models.SmallIntegerField()
    fact_count = models.BigIntegerField()
    last_occurred_at = models.DateTimeField()
    last_received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "hour", "kind", "lag_class"], name="collect_volume_once")
        ]


class FileImport(models.Model):
    """One run over a file, and its account: `line_count` = accepted + rejected + merged once it is finished.

    An unfinished one (`finished_at` NULL) is running, or was killed and will be resumed by the same file.
    """

    file_name = models.TextField()
    digest = models.TextField()  # of the bytes and how they are understood: finds the run to resume
    format = models.TextField()
    source = models.TextField()
    mapping = models.JSONField(default=dict)
    columns = models.JSONField(default=list)  # the header and its delimiter, to read rejected lines again
    delimiter = models.TextField(default=",")
    currency = models.CharField(max_length=3)
    time_zone = models.TextField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    line_count = models.BigIntegerField(default=0)
    accepted_count = models.BigIntegerField(default=0)
    rejected_count = models.BigIntegerField(default=0)
    merged_count = models.BigIntegerField(default=0)
    order_count = models.BigIntegerField(default=0)
    customer_count = models.BigIntegerField(default=0)
    revenue_minor = models.BigIntegerField(default=0)
    summary = models.JSONField(default=dict)


class RejectedLine(models.Model):
    """A line of a file that could not be understood: kept with its reason until it is replayed or expires."""

    file_import = models.ForeignKey(FileImport, on_delete=models.CASCADE, related_name="rejected_lines")
    line_number = models.BigIntegerField()
    reason_code = models.TextField()
    reason = models.TextField()
    raw = models.TextField()
    replayed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file_import", "line_number"], name="collect_rejected_line_once")
        ]


class RejectedEvent(models.Model):
    """What a program sent and cannot be a fact: kept as it came, with its reason, until it is replayed or expires.

    `call` names the reader that takes it again (`tracking.track`, `shopify.orders/updated`); `beside` is what that
    reader must know beside it, such as a batch's context or a webhook's headers. One that was cut cannot be replayed.
    """

    source = models.TextField()
    call = models.TextField(default="tracking.batch")
    is_trusted = models.BooleanField()
    reason_code = models.TextField()
    reason = models.TextField()
    raw = models.BinaryField()
    beside = JsonTextField(db_default=models.expressions.RawSQL("'{}'::json", ()))
    is_cut = models.BooleanField(default=False)
    received_at = models.DateTimeField(db_index=True)
    replayed_at = models.DateTimeField(null=True)


class RejectedCount(models.Model):
    """How many a source sent in a day (UTC) that were rejected for one reason; a few of them are kept."""

    source = models.TextField()
    day = models.DateField()
    reason_code = models.TextField()
    seen_count = models.BigIntegerField(default=0)
    kept_count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "source", "reason_code"], name="collect_rejected_count")]


class Connection(models.Model):
    """A connected shop: how to reach it, what it is asked next and when, and how that went.

    `hook_token` is part of the address its webhooks go to; what they say is believed for their signature alone.
    """

    platform = models.TextField()
    name = models.TextField(unique=True)  # the source of its facts
    address = models.TextField()
    settings = models.JSONField(default=dict)
    sealed_secrets = models.TextField()
    sealed_previous = models.TextField(default="")
    previous_until = models.DateTimeField(null=True)
    hook_token = models.TextField(unique=True)
    hook_topics = models.JSONField(default=list)
    created_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(db_index=True)
    failures = models.IntegerField(default=0)  # in a row
    last_error = models.TextField(default="")
    last_error_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_hook_at = models.DateTimeField(null=True)
    last_refused_hook_at = models.DateTimeField(null=True)
    totals_due_at = models.DateTimeField(null=True)
    round_started_at = models.DateTimeField(null=True)  # of all streams together; NULL: nothing is being asked
    woken_at = models.DateTimeField(null=True)  # a webhook that says less than it means


class ConnectionStream(models.Model):
    """How far a kind of thing of a shop has been read.

    A round reads what was updated since `since` (NULL: everything, the backfill) from `cursor` on. Ended, everything
    up to `synced_until` is in the log.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="streams")
    stream = models.TextField()
    place = models.IntegerField()
    since = models.DateTimeField(null=True)
    cursor = models.TextField(null=True)
    round_started_at = models.DateTimeField(null=True)
    synced_until = models.DateTimeField(null=True)
    backfilled_at = models.DateTimeField(null=True)
    done_count = models.BigIntegerField(default=0)
    total_count = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "stream"], name="collect_stream_once")]


class ConnectionTotal(models.Model):
    """What a shop itself counts of one month, to hold ours against."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="totals")
    month = models.DateField()
    currency = models.CharField(max_length=3)
    order_count = models.BigIntegerField()
    total_minor = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "month", "currency"], name="collect_connection_total_once")
        ]


class SavedMapping(models.Model):
    """How a person said the columns of a file are to be read, under a name; applied to files with the same header."""

    name = models.TextField(unique=True)
    header = models.TextField()  # the column names as they are compared, sorted, one a line
    mapping = models.JSONField()
    saved_at = models.DateTimeField()
