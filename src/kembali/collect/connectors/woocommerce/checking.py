"""What must be right before a shop is connected, looked at one thing after the other."""

from collections.abc import Iterator

from kembali.collect.connectors.errors import BadConnection, ShopRefuses
from kembali.collect.connectors.values import Check, Shop
from kembali.collect.connectors.woocommerce.hooks import TOPICS, list_hooks
from kembali.collect.connectors.woocommerce.rest import Rest, listed, total_of
from kembali.collect.connectors.woocommerce.statuses import DRAFTS, OWN, meanings_of
from kembali.kernel.errors import KembaliError

_ADDRESS, _READ, _WRITE, _STATUSES, _HOOKS = "Address", "Keys", "Right to write", "Order statuses", "Webhooks"


def checks(shop: Shop, rest: Rest) -> Iterator[Check]:
    """Yield what was looked at; after the first thing that fails the rest is not asked."""
    steps = ((_ADDRESS, _address), (_READ, _keys), (_WRITE, _rights), (_STATUSES, _statuses), (_HOOKS, _hooks))
    has_failed = False
    for name, look in steps:
        if has_failed:
            yield Check(name, "not_asked")
            continue
        try:
            yield Check(name, "ok", look(shop, rest))
        except KembaliError as error:
            has_failed = True
            yield Check(name, "failed", error.message, error.hint)


def _address(shop: Shop, rest: Rest) -> str:  # noqa: ARG001 - every step has the same shape
    site = rest.index().json
    spaces = site.get("namespaces") if isinstance(site, dict) else None
    if not isinstance(spaces, list):
        raise BadConnection(
            "There is no WordPress at this address.", hint="Enter the address of the shop's front page."
        )
    if "wc/v3" not in spaces:
        raise BadConnection(
            "There is a WordPress, but no WooCommerce with REST API version 3.",
            hint="WooCommerce must be 3.5 or later.",
        )
    return f"“{str(site.get('name', ''))[:80]}” answers."


def _keys(shop: Shop, rest: Rest) -> str:  # noqa: ARG001 - every step has the same shape
    total = total_of(rest.get("orders", per_page=1))
    return "The keys open the shop." if total is None else f"The keys open the shop: {total:,} orders."


def _rights(shop: Shop, rest: Rest) -> str:
    """Send an empty list of changes: it needs the right to write and changes nothing."""
    if shop.secrets.get("hook_secret"):
        return "Not needed: its webhooks are made by hand."
    try:
        rest.post("webhooks/batch", {})
    except ShopRefuses as error:
        raise ShopRefuses(
            f"The key may not make webhooks: {error.message}",
            status=error.status,
            hint="Set its permissions to Read/Write: WooCommerce → Settings → Advanced → REST API.",
        ) from None
    return "kembali may make its webhooks."


def _statuses(shop: Shop, rest: Rest) -> str:
    explained = meanings_of(shop.settings.get("statuses", ""))
    found = listed(rest.get("reports/orders/totals"))
    names = [
        str(one.get("slug", "")).removeprefix("wc-") for one in found if isinstance(one, dict) and one.get("total")
    ]
    unknown = [name for name in names if name and name not in OWN and name not in explained and name not in DRAFTS]
    if not unknown:
        return "All are understood."
    return f"Not explained: {', '.join(unknown)}. Such an order counts as paid once it has a date of payment."


def _hooks(shop: Shop, rest: Rest) -> str:  # noqa: ARG001 - every step has the same shape
    ours = [hook for hook in list_hooks(rest) if "/hooks/woocommerce/" in hook.delivery_url]
    active = {hook.topic for hook in ours if hook.status == "active"}
    if not ours:
        return "None yet: kembali makes them when the shop is connected."
    asleep = [f"{hook.topic} is {hook.status}" for hook in ours if hook.status != "active" and hook.topic not in active]
    return f"{len(active)} of {len(TOPICS)} are active." + (f" {', '.join(asleep)}." if asleep else "")
