"""Connect shops: add, rotate the secrets of, pause, resume, remove. What they are asked is in `reconciling`."""

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from kembali.collect.connectors.contracts import Connector
from kembali.collect.connectors.errors import BadConnection
from kembali.collect.connectors.opening import open_shop, seal_shop
from kembali.collect.connectors.platforms import connector_of
from kembali.collect.connectors.values import About, Check, Http, Shop
from kembali.collect.errors import ConnectionExists, ConnectionNotFound
from kembali.collect.models import Connection, ConnectionStream
from kembali.infra.database import only_one
from kembali.kernel.names import SHORT_NAME_HINT, is_short_name

PREVIOUS_COUNTS_FOR = timedelta(hours=24)
_LONGEST_VALUE = 2_000


def connect_shop(platform: str, *, name: str = "", address: str, values: Mapping[str, str], at: datetime) -> Connection:
    """Add a shop; from the next tick on it is asked for everything it has. Its webhooks are not ordered yet.

    Args:
        name: the source of its facts; empty = the platform's name. It stays: facts bear it for ever.
        values: what the connector's `fields` ask for.

    Raises:
        UnknownPlatform, BadConnection: this cannot be connected.
        ConnectionExists: the name is taken.
    """
    connector = connector_of(platform)
    name = name.strip() or platform
    if not is_short_name(name):
        raise BadConnection(f"“{name}” is not a name for a shop.", hint=SHORT_NAME_HINT)
    open_values, secret_values = _sorted_values(connector, values, given=frozenset())
    try:
        with transaction.atomic():
            connection = Connection.objects.create(
                platform=platform,
                name=name,
                address=connector.address_of(address),
                settings=open_values,
                sealed_secrets=_seal(secret_values, {}),
                hook_token=secrets.token_urlsafe(24),
                created_at=at,
                due_at=at,
                totals_due_at=at,
            )
            ConnectionStream.objects.bulk_create(
                ConnectionStream(connection=connection, stream=stream, place=place)
                for place, stream in enumerate(connector.streams)
            )
    except IntegrityError:
        raise ConnectionExists(f"A shop named “{name}” is connected already.", hint="Give another name.") from None
    return connection


def check_shop(platform: str, *, address: str, values: Mapping[str, str], http: Http, at: datetime) -> Iterator[Check]:
    """Look whether a shop that is not connected yet could be: one thing after the other, nothing is stored.

    Raises:
        UnknownPlatform, BadConnection: what was entered cannot be used at all.
    """
    connector = connector_of(platform)
    open_values, secret_values = _sorted_values(connector, values, given=frozenset())
    shop = Shop(name=platform, address=connector.address_of(address), secrets=secret_values, settings=open_values)
    return connector.check(shop, http, at=at)


def change_values(name: str, *, values: Mapping[str, str], at: datetime, address: str = "") -> None:
    """Change what a connector was told. Empty secrets stay as they are; replaced ones sign webhooks for a day more.

    Raises:
        ConnectionNotFound: there is no such shop.
        BadConnection: the values cannot be used; nothing was changed.
    """
    with transaction.atomic():
        connection = _locked(name)
        connector = connector_of(connection.platform)
        before = shop_of(connection)
        open_values, secret_values = _sorted_values(connector, values, given=frozenset(before.secrets))
        if address:
            connection.address = connector.address_of(address)
        connection.settings = {**connection.settings, **open_values}
        if any(before.secrets.get(key) != value for key, value in secret_values.items()):
            connection.sealed_previous = connection.sealed_secrets
            connection.previous_until = at + PREVIOUS_COUNTS_FOR
        connection.sealed_secrets = _seal({**before.secrets, **secret_values}, {})
        connection.failures, connection.due_at = 0, at
        connection.save()


def pause_shop(name: str, *, at: datetime) -> None:
    """Ask a shop no more until it is resumed. Its webhooks are still taken: nothing is lost. Twice is once.

    Raises:
        ConnectionNotFound: there is no such shop.
    """
    with transaction.atomic():
        connection = _locked(name)
        connection.paused_at = connection.paused_at or at
        connection.save(update_fields=["paused_at"])


def resume_shop(name: str, *, at: datetime) -> None:
    """Ask a shop again, at once, whatever went wrong before.

    Raises:
        ConnectionNotFound: there is no such shop.
    """
    with transaction.atomic():
        connection = _locked(name)
        connection.paused_at, connection.due_at, connection.failures = None, at, 0
        connection.save(update_fields=["paused_at", "due_at", "failures"])


def remove_shop(name: str) -> None:
    """Forget a shop and its secrets. Its facts stay; webhooks that still come are not taken any more.

    Raises:
        ConnectionNotFound: there is no such shop.
    """
    with only_one(f"connection:{find(name).pk}", wait=True), transaction.atomic():
        _locked(name).delete()


def order_webhooks(name: str, *, http: Http, at: datetime) -> list[str]:
    """See to it that a shop sends its webhooks to us; return their topics. Repeating it changes nothing.

    Raises:
        ConnectionNotFound: there is no such shop.
        Denied, Refused, Unavailable: the shop does not do it.
    """
    connection = find(name)
    shop = shop_of(connection)
    webhooks = connector_of(connection.platform).webhooks
    if webhooks is None:
        return []
    topics = list(webhooks.subscribe(shop, http, hook_url=hook_url(connection), at=at))
    keep_remembered(connection, shop)
    Connection.objects.filter(id=connection.pk).update(hook_topics=topics)
    return topics


def check_connection(name: str, *, http: Http, at: datetime) -> list[Check]:
    """Look whether a connected shop still answers as it should.

    Raises:
        ConnectionNotFound: there is no such shop.
    """
    connection = find(name)
    return list(connector_of(connection.platform).check(shop_of(connection), http, at=at))


def about_shop(name: str, *, http: Http, at: datetime) -> About | None:
    """Return what a connected shop says of itself, None where its platform does not tell.

    Raises:
        ConnectionNotFound: there is no such shop.
        Denied, Refused, Unavailable: it does not answer.
    """
    connection = find(name)
    shop = shop_of(connection)
    found = connector_of(connection.platform).about(shop, http, at=at)
    keep_remembered(connection, shop)
    return found


def hook_url(connection: Connection) -> str:
    """Return the address a shop's webhooks go to."""
    return f"{settings.KEMBALI.edge_url}/hooks/{connection.platform}/{connection.hook_token}"


def find(name: str) -> Connection:
    """Return a connection.

    Raises:
        ConnectionNotFound: there is no such shop.
    """
    connection = Connection.objects.filter(name=name).first()
    if connection is None:
        raise ConnectionNotFound(f"No shop named “{name}” is connected.", hint="kembali connections list shows all.")
    return connection


def shop_of(connection: Connection) -> Shop:
    """Return a connection as its connector sees it.

    Raises:
        CannotUnseal: its secrets were sealed with another key.
    """
    return open_shop(
        name=connection.name,
        address=connection.address,
        settings=connection.settings,
        sealed=connection.sealed_secrets,
        previous="",
        secret_key=settings.KEMBALI.secret_key,
    )


def keep_remembered(connection: Connection, shop: Shop) -> None:
    """Store what a connector keeps from call to call, unless the secrets were changed meanwhile."""
    sealed = _seal(dict(shop.secrets), shop.remembered)
    stored = Connection.objects.filter(id=connection.pk, sealed_secrets=connection.sealed_secrets)
    if stored.update(sealed_secrets=sealed):
        connection.sealed_secrets = sealed


def _locked(name: str) -> Connection:
    connection = Connection.objects.select_for_update().filter(name=name).first()
    return connection or find(name)


def _seal(values: dict[str, str], remembered: dict[str, str]) -> str:
    return seal_shop(values, remembered, secret_key=settings.KEMBALI.secret_key)


def _sorted_values(
    connector: Connector, values: Mapping[str, str], *, given: frozenset[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values that may be read and the secret ones; `given`: secrets there are already."""
    unknown = set(values) - {field.name for field in connector.fields}
    if unknown:
        raise BadConnection(f"{connector.title} has no setting “{sorted(unknown)[0]}”.")
    open_values: dict[str, str] = {}
    secret_values: dict[str, str] = {}
    for field in connector.fields:
        value = values.get(field.name, "").strip()
        if len(value) > _LONGEST_VALUE:
            raise BadConnection(f"“{field.label}” is too long.")
        if value:
            (secret_values if field.is_secret else open_values)[field.name] = value
        elif field.is_needed and field.name not in given:
            raise BadConnection(f"“{field.label}” is missing.", hint=field.help)
    return open_values, secret_values
