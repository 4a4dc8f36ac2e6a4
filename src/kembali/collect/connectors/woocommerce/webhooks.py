"""The webhooks of WooCommerce: ordered over its REST API, woken where it gave up, and read."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from kembali.collect.connectors.contracts import Webhooks
from kembali.collect.connectors.signing import is_signed
from kembali.collect.connectors.values import Delivery, Http, Shop
from kembali.collect.connectors.woocommerce import hooks
from kembali.collect.connectors.woocommerce.reading import beside_of, code_of, is_hint, webhook_facts
from kembali.collect.connectors.woocommerce.rest import Rest
from kembali.collect.contracts import Reading, Rejected
from kembali.kernel.errors import Refused


class WooWebhooks(Webhooks):
    """Signed with a secret that follows from the shop's keys, or with one that a person typed in the shop."""

    def subscribe(self, shop: Shop, http: Http, *, hook_url: str, at: datetime) -> Sequence[str]:
        """Make the webhooks that are missing, and wake those that WooCommerce disabled after failures."""
        return hooks.subscribe(shop, Rest(shop, http, at), hook_url)

    def call_of(self, delivery: Delivery) -> str:
        """Return the topic, such as `order.updated`."""
        return delivery.header("x-wc-webhook-topic") or "unknown"

    def is_greeting(self, delivery: Delivery) -> bool:
        """Return whether this is the unsigned form that WooCommerce sends when a webhook is made."""
        name, _, number = delivery.body.partition(b"=")
        return name == b"webhook_id" and number.isdigit() and not delivery.header("x-wc-webhook-topic")

    def is_genuine(self, delivery: Delivery, shop: Shop) -> bool:
        """Return whether one of our secrets signed the body."""
        return is_signed(delivery.header("x-wc-webhook-signature"), delivery.body, hooks.secrets_of(shop))

    def beside(self, delivery: Delivery, shop: Shop) -> Mapping[str, str]:  # noqa: ARG002 - the shop's word
        """Return the shop's own words for statuses and consent, and its currency."""
        return beside_of(shop)

    def wakes(self, call: str) -> bool:
        """Return whether the shop is asked at once after this webhook."""
        return is_hint(call)

    def read(self, call: str, body: bytes, beside: Mapping[str, str], *, source: str, received_at: datetime) -> Reading:
        """Return what a webhook says."""
        try:
            return Reading(facts=webhook_facts(call, body, beside, source=source, received_at=received_at))
        except (Refused, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            kept = Rejected(
                source=source,
                call=f"woocommerce.{call}",
                is_trusted=True,
                reason_code=code_of(error),
                reason=str(error),
                raw=body,
                beside=msgspec.json.encode(beside),
            )
            return Reading(rejected=[kept])
