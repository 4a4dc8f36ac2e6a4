"""Settings → Developers for programs: keys and webhooks made, shown once, tested and replayed through the pages."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from kembali.accounts import api as accounts
from kembali.collect import api as collect
from kembali.relay import api as relay
from kembali.shop import api as shop
from tests.makers.receiving import Receiver, receiving

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one, override_settings(KEMBALI=replace(settings.KEMBALI, allow_private_addresses=True)):
        yield one


@pytest.fixture
def owner_client(signed_in: Client) -> Client:
    shop.set_up_shop(name="Ann's Shop", currency="GBP", time_zone="Europe/London")
    return signed_in


def post(client: Client, name: str, *args: int, **fields: object) -> str:
    answer = client.post(reverse(f"web:{name}", args=args), fields, follow=True)
    return str(answer.content.decode())


def test_a_key_is_shown_once_and_opens_what_was_chosen(owner_client: Client) -> None:
    shown = post(owner_client, "keys", action="create", source="erp", scope=["read:orders", "write:orders"])
    (token,) = re.findall(r"sk_[\w-]{43}", shown)
    assert accounts.recognise(token, at=timezone.now()).scopes == {"read:orders", "write:orders"}
    assert token not in owner_client.get(reverse("web:keys")).content.decode()


def test_a_key_is_replaced_and_withdrawn(owner_client: Client) -> None:
    old = accounts.create_key("erp", is_public=False, at=timezone.now(), scopes=["read:orders"])
    key_id = accounts.list_keys()[0].id
    (new,) = re.findall(r"sk_[\w-]{43}", post(owner_client, "keys", action="rotate", key=key_id))
    assert accounts.recognise(old, at=timezone.now()).scopes == accounts.recognise(new, at=timezone.now()).scopes
    post(owner_client, "keys", action="revoke", key=key_id)
    with pytest.raises(accounts.KeyNotUsable):
        accounts.recognise(old, at=timezone.now())
    accounts.recognise(new, at=timezone.now())


def test_a_key_for_nothing_is_not_made_and_says_why(owner_client: Client) -> None:
    answer = owner_client.post(reverse("web:keys"), {"action": "create", "source": "erp"})
    assert answer.status_code == 422
    assert b"A key without a scope opens nothing." in answer.content
    assert accounts.list_keys() == []


def test_only_an_owner_makes_keys_and_endpoints(db: None) -> None:
    marketer = accounts.Staff.objects.create(
        email="m@example.com", role=accounts.Staff.Role.MARKETER, created_at=timezone.now()
    )
    client = Client()
    client.force_login(marketer)
    for name in ("keys", "webhooks"):
        fields = {"action": "create", "source": "erp", "scope": "read:facts", "url": "https://example.com/"}
        assert client.post(reverse(f"web:{name}"), fields).status_code == 403
        assert b'<form method="post" class="stack-v">' not in client.get(reverse(f"web:{name}")).content
    assert accounts.list_keys() == []
    assert relay.list_endpoints() == []


def test_an_endpoint_is_added_tested_rotated_paused_and_removed(owner_client: Client, receiver: Receiver) -> None:
    shown = post(owner_client, "webhooks", url=receiver.url, description="warehouse")
    (secret,) = re.findall(r"whsec_[\w+/]{43}=", shown)
    (endpoint,) = relay.list_endpoints()
    assert secret not in owner_client.get(reverse("web:webhook", args=[endpoint.id])).content.decode()
    assert "It answered 200." in post(owner_client, "webhook", endpoint.id, action="test")
    assert receiver.received[0].checked(secret)["type"] == "webhook.test"
    (new,) = re.findall(r"whsec_[\w+/]{43}=", post(owner_client, "webhook", endpoint.id, action="rotate"))
    assert new != secret
    post(owner_client, "webhook", endpoint.id, action="pause")
    assert relay.endpoint_of(endpoint.id).state == "paused"
    post(owner_client, "webhook", endpoint.id, action="resume")
    assert relay.endpoint_of(endpoint.id).state == "open"
    post(owner_client, "webhook", endpoint.id, action="remove")
    assert relay.list_endpoints() == []


def test_an_address_inside_the_network_is_refused_on_the_page_too(owner_client: Client) -> None:
    answer = owner_client.post(reverse("web:webhooks"), {"url": "https://127.0.0.1/hook"})
    assert answer.status_code == 422
    assert b"not an address of the internet" in answer.content
    assert b'value="https://127.0.0.1/hook"' in answer.content
    assert relay.list_endpoints() == []


def test_what_was_not_taken_is_seen_with_its_answer_and_sent_again(owner_client: Client, receiver: Receiver) -> None:
    at = timezone.now()
    endpoint, _ = relay.create_endpoint(receiver.url, at=at)
    receiver.always(400, body=b"<script>alert(1)</script>")
    collect.append_facts(
        [collect.NewFact(source="test", message_id="m", kind="test.happened", occurred_at=at, payload={})], at=at
    )
    relay.CONSUMER.handle(collect.recent_facts().facts, at)
    with relay.Dispatcher() as dispatcher:
        dispatcher.run_until_idle(at=at)
    (delivery,) = relay.list_deliveries(endpoint.id)
    page = owner_client.get(reverse("web:webhook-delivery", args=[delivery.id])).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "400" in owner_client.get(reverse("web:webhook", args=[endpoint.id])).content.decode()
    receiver.always(200)
    post(owner_client, "webhook-delivery", delivery.id)
    with relay.Dispatcher() as dispatcher:
        dispatcher.run_until_idle(at=timezone.now())
    assert relay.delivery_of(delivery.id).state == "delivered"
    post(owner_client, "webhook", endpoint.id, action="replay", since=f"{at - timedelta(days=1):%Y-%m-%dT%H:%M}")
    assert len(relay.list_replays(endpoint.id)) == 1


def test_the_api_in_words_names_every_call_and_its_scope(owner_client: Client) -> None:
    page = owner_client.get(reverse("web:api-docs")).content.decode()
    for words in ("POST /api/v1/orders", "write:orders", "GET /api/v1/facts/{fact_id}", "admin:webhooks", "order_ref"):
        assert words in page
