"""See to it that shops go on sending their webhooks: some platforms stop after a few that we could not take."""

from datetime import datetime

from kembali.collect.connections.connecting import hook_url
from kembali.collect.connectors.platforms import connector_of
from kembali.collect.connectors.values import Http, Shop
from kembali.collect.models import Connection
from kembali.kernel.errors import KembaliError, Unavailable


def watch_webhooks(connection: Connection, shop: Shop, http: Http, *, at: datetime) -> str:
    """Order again what a shop has stopped sending; return in words what is wrong, empty for nothing.

    Only where webhooks were ordered before. Asking goes on whatever comes of this: it brings everything, only later.
    """
    webhooks = connector_of(connection.platform).webhooks
    if webhooks is None or not connection.hook_topics:
        return ""
    try:
        topics = list(webhooks.subscribe(shop, http, hook_url=hook_url(connection), at=at))
    except Unavailable:
        return ""  # the next round tries again
    except KembaliError as error:
        return f"Its webhooks: {error}"
    if topics and topics != connection.hook_topics:
        Connection.objects.filter(id=connection.pk).update(hook_topics=topics)
    return ""
