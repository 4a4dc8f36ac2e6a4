"""What `kembali doctor` looks at: the database, the log, the rooms' agreement with each other, the mail server."""

import importlib.util
from dataclasses import dataclass

from django.db import connection

from kembali.collect import api as collect
from kembali.infra.settings import Settings
from kembali.kernel.errors import KembaliError
from kembali.messages import api as messages
from kembali.relay import api as relay
from kembali.shop import api as shop

MINIMUM_POSTGRES = 160000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, in words, and whether it is well."""

    subject: str
    found: str
    ok: bool = True

    def as_dict(self) -> dict[str, object]:
        """The finding as plain data."""
        return {"subject": self.subject, "ok": self.ok, "found": self.found}


# Plain ids that cross rooms have no foreign key; each pair is checked for orphans here.
_CROSSINGS = (
    ("experiments_exposure", "customer_id"),
    ("segments_membership", "customer_id"),
    ("insight_trait", "customer_id"),
    ("journeys_enrolment", "customer_id"),
    ("messages_send", "customer_id"),
    ("consent_current", "customer_id"),
)
_DISABLED = {"gone": "the address answered that it is gone", "failing": "nothing was taken for five days"}


def examine(settings: Settings, *, pending_migrations: int) -> list[Finding]:
    """Return everything looked at, in the order a person would."""
    findings = [_database(settings), Finding("tables", _migrations(pending_migrations), ok=pending_migrations == 0)]
    if pending_migrations:
        return findings
    found = shop.find_shop_settings()
    findings.append(
        Finding("shop", f"{found.name}, {found.currency}, {found.time_zone}" if found else "not set up yet")
    )
    parked = collect.count_parked()
    findings.append(
        Finding(
            "facts",
            f"{parked} not handled, see Data & health" if parked else "none waits",
            ok=parked == 0,
        )
    )
    findings.append(_demands())
    findings.extend(_connections(settings))
    findings.extend(_webhooks())
    findings.extend(_orphans())
    findings.append(_mail(settings))
    spark = importlib.util.find_spec("pyspark") is not None
    findings.append(Finding("Spark", "installed" if spark else "not installed (optional)"))
    return findings


def _database(settings: Settings) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
        number, version = cursor.fetchone()
        cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
        (size,) = cursor.fetchone()
    kind = "your own" if settings.database_url else f"embedded, in {settings.home}"
    return Finding("database", f"PostgreSQL {version}, {kind}, {size}", ok=number >= MINIMUM_POSTGRES)


def _migrations(pending: int) -> str:
    return "up to date" if pending == 0 else f"{pending} migrations to apply: kembali migrate"


def _demands() -> Finding:
    waiting = collect.count_demands()
    if not waiting:
        return Finding("demands by law", "none waits")
    oldest = collect.list_demands(limit=1)[0].fact.occurred_at
    return Finding(
        "demands by law", f"{waiting} to answer, the oldest of {oldest:%Y-%m-%d}, see Data & health", ok=False
    )


def _connections(settings: Settings) -> list[Finding]:
    connected = collect.list_connections()
    findings = [Finding(f"connection {one.name}", _reading(one), ok=not one.failures) for one in connected]
    if settings.edge_is_only_here and any(one.has_webhooks for one in connected):
        told = f"only this computer reaches {settings.edge_url}, so no shop can send webhooks: set KEMBALI_EDGE_URL"
        findings.append(Finding("edge", told, ok=False))
    return findings


def _reading(one: collect.ConnectionView) -> str:
    if one.failures:
        return f"failed {one.failures} times in a row: {one.last_error}"
    return "paused" if one.paused_at else "is read"


def _webhooks() -> list[Finding]:
    return [
        Finding(
            f"webhook {one.id}",
            f"{one.url} is told nothing any more: {_DISABLED.get(one.disabled_why, one.disabled_why)}",
            ok=False,
        )
        for one in relay.list_endpoints()
        if one.state == "disabled"
    ]


def _orphans() -> list[Finding]:
    findings = []
    with connection.cursor() as cursor:
        for table, column in _CROSSINGS:
            cursor.execute("SELECT to_regclass(%s)", (table,))
            if cursor.fetchone()[0] is None:
                continue
            cursor.execute(
                f"SELECT count(*) FROM {table} t WHERE NOT EXISTS "  # noqa: S608 - names from the list above
                f"(SELECT 1 FROM shop_customer c WHERE c.id = t.{column})"
            )
            (count,) = cursor.fetchone()
            if count:
                findings.append(Finding(table, f"{count} rows point to customers that do not exist", ok=False))
    return findings or [Finding("links between rooms", "no orphans")]


def _mail(settings: Settings) -> Finding:
    if settings.smtp_url is None:
        return Finding("mail", "built-in mailbox: SIMULATED, nothing leaves this machine")
    try:
        transport = messages.transport_for(settings)
        transport.connect()
        transport.close()
    except KembaliError as error:
        return Finding("mail", str(error), ok=False)
    return Finding("mail", "your mail server answers")
