"""The key and the line for the shop's pages are one click away, and the page says when something came."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.conf import settings
from django.test import Client, override_settings

from kembali.accounts import api as accounts
from kembali.collect import api as collect
from kembali.shop import api as shop

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/settings/site-tracking/"


@pytest.fixture
def client_in(signed_in: Client) -> Client:
    shop.set_up_shop(name="Shop", currency="GBP", time_zone="Europe/London")
    return signed_in


def test_one_click_makes_a_public_key_and_shows_the_line_with_the_shops_own_address(client_in: Client) -> None:
    assert "Your pages tell nothing yet." in client_in.get(PATH).content.decode()
    with override_settings(KEMBALI=replace(settings.KEMBALI, edge_url="https://events.shop.example")):
        html = unescape(client_in.post(PATH, follow=True).content.decode())
    (key,) = accounts.list_keys()
    assert (key.source, key.public_token is not None) == ("site", True)
    line = f'<script async src="https://events.shop.example/kembali.js" data-key="{key.public_token}"'
    assert f"{line}></script>" in html
    assert f'{line} data-consent="required"></script>' in html
    assert "Waiting for the first event." in html
    assert "Only this computer" not in html


def test_the_page_says_when_the_last_event_came(client_in: Client) -> None:
    accounts.create_key("site", is_public=True, at=datetime.now(UTC))
    event = collect.NewFact(
        source="public:site", message_id="m1", kind="tracking.page", occurred_at=datetime.now(UTC), payload=b"{}"
    )
    collect.append_facts([event], at=datetime.now(UTC))
    html = client_in.get(PATH).content.decode()
    assert "Your pages are heard." in html
    assert "one event" in html
    assert "Only this computer" in html
    assert 'edge_url = "https://events.your-shop.example"' in html


def test_a_key_lives_by_the_wall_clock_in_a_shop_whose_time_was_moved(client_in: Client) -> None:
    shop.set_clock_offset(timedelta(days=-400))
    began = datetime.now(UTC)
    client_in.post(PATH)
    assert began <= accounts.list_keys()[0].created_at <= datetime.now(UTC)


def test_secret_and_withdrawn_keys_are_not_shown(client_in: Client) -> None:
    secret = accounts.create_key("server", is_public=False, at=datetime.now(UTC))
    withdrawn = accounts.create_key("old", is_public=True, at=datetime.now(UTC))
    accounts.revoke_key(accounts.list_keys()[-1].id, at=datetime.now(UTC))
    html = client_in.get(PATH).content.decode()
    assert secret not in html
    assert withdrawn not in html
    assert "Your pages tell nothing yet." in html


def test_a_bad_name_and_a_viewer_make_no_key(client_in: Client) -> None:
    assert client_in.post(PATH, {"source": "My Site!"}).status_code == 422
    accounts.Staff.objects.update(role=accounts.Staff.Role.VIEWER)
    assert client_in.post(PATH).status_code == 403
    assert "Make the key" not in client_in.get(PATH).content.decode()
    assert accounts.list_keys() == []
