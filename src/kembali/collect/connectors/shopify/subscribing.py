"""Order Shopify's webhooks, and look afterwards whether they were."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from kembali.collect.connectors.errors import ShopRefuses
from kembali.collect.connectors.shopify.asking import ask
from kembali.collect.connectors.shopify.hooks import TOPICS
from kembali.collect.connectors.shopify.questions import ADD_HOOK, DROP_HOOK, HOOKS
from kembali.collect.connectors.values import Http, Shop

_NEEDED = frozenset({"ORDERS_CREATE", "ORDERS_UPDATED"})


def subscribe(shop: Shop, http: Http, *, hook_url: str, at: datetime) -> Sequence[str]:
    """Order all topics that do not come to `hook_url` yet; return those that do, as the webhooks name them.

    Those that go to an address we no longer have are taken back. A topic that Shopify denies is left out, but for the
    orders' own.

    Raises:
        ShopRefuses: Shopify does not send the orders.
    """
    there = list(list_hooks(shop, http, at))
    refused = {}
    for topic in TOPICS:
        if (topic, hook_url) in {(one, uri) for _, one, uri in there}:
            continue
        told = ask(shop, http, at, ADD_HOOK, {"topic": topic, "uri": hook_url}).data
        errors = told["webhookSubscriptionCreate"]["userErrors"]
        if errors:
            refused[topic] = str(errors[0]["message"])
    token = urlsplit(hook_url).path
    for number, _, uri in there:
        if uri != hook_url and urlsplit(uri).path == token:
            ask(shop, http, at, DROP_HOOK, {"id": number})
    found = {topic for _, topic, uri in list_hooks(shop, http, at) if uri == hook_url}
    if missing := sorted(_NEEDED - found):
        raise ShopRefuses(
            f"Shopify does not send {TOPICS[missing[0]]}: {refused.get(missing[0], 'it does not say why')}.",
            hint="Webhooks need an address that Shopify can reach by https; set edge_url to it.",
        )
    return [name for topic, name in TOPICS.items() if topic in found]


def list_hooks(shop: Shop, http: Http, at: datetime) -> Iterator[tuple[str, str, str]]:
    """Yield the webhooks this app has ordered: their ids, topics and addresses."""
    after = None
    while True:
        told = ask(shop, http, at, HOOKS, {"after": after}).data["webhookSubscriptions"]
        for node in told["nodes"]:
            yield str(node["id"]), str(node["topic"]), str(node["uri"] or "")
        if not told["pageInfo"]["hasNextPage"]:
            return
        after = told["pageInfo"]["endCursor"]
