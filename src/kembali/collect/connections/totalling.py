"""Ask shops for their own totals by month, so that ours can be held against them."""

from datetime import date, datetime, timedelta

from kembali.collect.connectors.platforms import connector_of
from kembali.collect.connectors.values import Http, Shop
from kembali.collect.models import Connection, ConnectionTotal

EVERY = timedelta(hours=6)
MONTHS = 12


def ask_totals(connection: Connection, shop: Shop, http: Http, *, at: datetime) -> None:
    """Bring the shop's own totals of the last months up to date, a few times a day.

    Raises:
        Denied, Refused, Unavailable: the shop does not tell.
    """
    if connection.totals_due_at is not None and connection.totals_due_at > at:
        return
    found = connector_of(connection.platform).totals(shop, http, months=last_months(at.date(), MONTHS), at=at)
    ConnectionTotal.objects.bulk_create(
        [
            ConnectionTotal(
                connection=connection,
                month=one.month,
                currency=one.currency,
                order_count=one.order_count,
                total_minor=one.total_minor,
                asked_at=at,
            )
            for one in found
        ],
        update_conflicts=True,
        unique_fields=["connection", "month", "currency"],
        update_fields=["order_count", "total_minor", "asked_at"],
    )
    Connection.objects.filter(id=connection.pk).update(totals_due_at=at + EVERY)


def last_months(day: date, count: int) -> list[date]:
    """Return the first days of the last months, the current one last."""
    months = [day.replace(day=1)]
    while len(months) < count:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months[::-1]
