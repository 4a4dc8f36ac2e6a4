"""The webhooks that WooCommerce sends us: made by us over its REST API, watched, and woken where it gave up."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

import msgspec

from kembali.collect.connectors.values import Shop
from kembali.collect.connectors.woocommerce.rest import Rest, listed

TOPICS = (
    "order.created",
    "order.updated",
    "order.deleted",
    "order.restored",
    "customer.created",
    "customer.updated",
    "customer.deleted",
    "product.created",
    "product.updated",
    "product.deleted",
    "product.restored",
    "coupon.created",
    "coupon.updated",
    "coupon.deleted",
    "coupon.restored",
)
_NAME = "kembali"
_MOST = 100


class Hook(msgspec.Struct):
    """A webhook as the shop has it: `active`, `paused` by a person, or `disabled` after more than five failures."""

    id: int
    status: str = ""
    topic: str = ""
    delivery_url: str = ""


def secrets_of(shop: Shop) -> list[str]:
    """Return what may have signed a webhook: what we make of the shop's keys, or what a person typed in the shop."""
    made = [_made(secret, shop.address) for keys in (shop.secrets, shop.previous) if (secret := keys.get("secret", ""))]
    typed = [keys["hook_secret"] for keys in (shop.secrets, shop.previous) if keys.get("hook_secret")]
    return [*made, *typed]


def _made(secret: str, address: str) -> str:
    """Return a webhook secret that follows from the keys: nothing to store, and new keys bring a new one."""
    return hmac.new(secret.encode(), f"webhooks of {address}".encode(), hashlib.sha256).hexdigest()


def list_hooks(rest: Rest) -> list[Hook]:
    """Return all webhooks of the shop, whoever made them."""
    hooks: list[Hook] = []
    for page in range(1, 11):
        found = listed(rest.get("webhooks", per_page=_MOST, page=page))
        hooks += [msgspec.convert(one, Hook, strict=False) for one in found]
        if len(found) < _MOST:
            break
    return hooks


def subscribe(shop: Shop, rest: Rest, hook_url: str) -> Sequence[str]:
    """See to it that every topic is sent to `hook_url`, signed with our present secret; return the topics sent.

    A webhook that WooCommerce disabled is made active again; one that a person paused stays paused. Where a person
    makes them by hand (and told us their secret), nothing is changed.
    """
    if shop.secrets.get("hook_secret"):
        found = [hook for hook in list_hooks(rest) if hook.delivery_url == hook_url and hook.status == "active"]
        return sorted({hook.topic for hook in found})
    secret = secrets_of(shop)[0]
    digest = hashlib.sha256(f"{secret} {hook_url}".encode()).hexdigest()
    is_new = shop.remembered.get("hooks") != digest
    ours = {hook.topic: hook for hook in list_hooks(rest) if hook.delivery_url == hook_url}
    for topic in TOPICS:
        hook = ours.get(topic)
        if hook is None:
            made = {"name": f"{_NAME}: {topic}", "topic": topic, "delivery_url": hook_url, "secret": secret}
            rest.post("webhooks", made)
        elif is_new or hook.status == "disabled":
            changed: Mapping[str, object] = {"secret": secret} | (
                {} if hook.status == "paused" else {"status": "active"}
            )
            rest.put(f"webhooks/{hook.id}", changed)
    shop.remembered["hooks"] = digest
    return [topic for topic in TOPICS if topic not in ours or ours[topic].status != "paused"]
