"""Connecting a shop in the browser's forms: checked before anything is stored, shown without its secrets."""

from collections.abc import Iterator

import pytest
from django.test import Client

from kembali.accounts import api as accounts
from kembali.collect import api as collect
from kembali.collect.models import Connection, Fact
from kembali.config import wiring
from kembali.shop import api as shop_room
from tests.fakes.shopify import SECRET, ShopifyShop
from tests.fakes.shopify_api import CLIENT_ID, ShopifyApi, shopify_api
from tests.fakes.woocommerce import Site, serve
from tests.fakes.woocommerce import site as woocommerce

FORM = "/settings/connect/shopify/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def api(settings: object) -> Iterator[ShopifyApi]:
    made = ShopifyShop()
    made.customer(1)
    made.order(1001, [("MUG", 1, "10.00")])
    with shopify_api(made) as running:
        yield running


@pytest.fixture(autouse=True)
def _own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from django.conf import settings

    monkeypatch.setattr(settings, "KEMBALI", replace(settings.KEMBALI, allow_private_addresses=True))


def entered(api: ShopifyApi, **said: str) -> dict[str, str]:
    return {"address": api.url, "client_id": CLIENT_ID, "client_secret": SECRET, **said}


def test_checking_stores_nothing_and_says_what_is_wrong(signed_in: Client, api: ShopifyApi) -> None:
    html = signed_in.post(FORM, entered(api, action="check", client_secret="guessed")).content.decode()
    assert "Client id and client secret do not fit together." in html
    assert "guessed" not in html
    html = signed_in.post(FORM, entered(api, action="check")).content.decode()
    assert "Everything is right. Connect the shop now." in html
    assert (Connection.objects.count(), api.hooks) == (0, {})


def test_what_is_no_address_is_said_and_asked_of_nobody(signed_in: Client, api: ShopifyApi) -> None:
    answer = signed_in.post(FORM, entered(api, address="https://evil.example", action="connect"))
    assert answer.status_code == 422
    assert "is not the address of a Shopify shop" in answer.content.decode()
    assert (api.asked, Connection.objects.count()) == ([], 0)


def test_a_shop_is_connected_and_a_new_home_takes_its_currency_and_zone(signed_in: Client, api: ShopifyApi) -> None:
    answer = signed_in.post(FORM, entered(api, action="connect"))
    assert (answer.status_code, answer["Location"]) == (302, "/settings/connections/shopify/")
    found = shop_room.shop_settings()
    assert (found.name, found.currency, found.time_zone) == ("Made up", "EUR", "Europe/Amsterdam")
    assert len(api.hooks) == 25
    html = signed_in.get("/settings/connections/shopify/").content.decode()
    assert "Its history is coming in" in html
    assert SECRET not in html
    connection = Connection.objects.get()
    collect.reconcile("shopify", http=wiring.http(), at=connection.due_at)
    assert Fact.objects.filter(kind="order.version").count() == 1
    assert "Nothing of it is missing." in signed_in.get("/settings/connections/shopify/").content.decode()
    assert "shopify" in signed_in.get("/settings/connections/").content.decode()


def test_the_pixel_waits_for_a_public_key_and_then_holds_it(signed_in: Client, api: ShopifyApi) -> None:
    signed_in.post(FORM, entered(api, action="connect"))
    assert "Make a public key first" in signed_in.get("/settings/connections/shopify/").content.decode()
    token = accounts.create_key("site", is_public=True, at=Connection.objects.get().created_at)
    assert f"const KEY = &quot;{token}&quot;" in signed_in.get("/settings/connections/shopify/").content.decode()


@pytest.mark.parametrize("action", ["pause", "resume", "test", "webhooks", "backfill"])
def test_everything_that_may_be_done_leads_back_to_the_shop(signed_in: Client, api: ShopifyApi, action: str) -> None:
    signed_in.post(FORM, entered(api, action="connect"))
    answer = signed_in.post("/settings/connections/shopify/act/", {"action": action}, follow=True)
    assert answer.redirect_chain == [("/settings/connections/shopify/", 302)]
    assert (Connection.objects.get().paused_at is not None) == (action == "pause")


def test_removing_forgets_the_shop_and_keeps_what_came_from_it(signed_in: Client, api: ShopifyApi) -> None:
    signed_in.post(FORM, entered(api, action="connect"))
    collect.reconcile("shopify", http=wiring.http(), at=Connection.objects.get().due_at)
    facts = Fact.objects.count()
    signed_in.post("/settings/connections/shopify/act/", {"action": "remove"})
    assert (Connection.objects.count(), Fact.objects.count()) == (0, facts)
    assert signed_in.post("/settings/connections/shopify/act/", {"action": "explode"}).status_code == 404


def test_a_woocommerce_shop_is_connected_by_its_two_keys(signed_in: Client) -> None:
    site = Site()
    site.place([("MUG", 1, "10.00")], email="ida@example.com")
    form = "/settings/connect/woocommerce/"
    html = signed_in.get(form).content.decode()
    assert "Generate API key" in html
    with serve(site) as address:
        entered = {"address": address, "key": woocommerce.KEY, "secret": woocommerce.SECRET}
        wrong = signed_in.post(form, entered | {"action": "connect", "secret": "cs_guessed"}).content.decode()
        assert "Sorry, you cannot list resources." in wrong
        assert ("cs_guessed" in wrong, Connection.objects.count()) == (False, 0)
        answer = signed_in.post(form, entered | {"action": "connect"})
        assert (answer.status_code, answer["Location"]) == (302, "/settings/connections/woocommerce/")
    assert len(site.hooks) == 15
    settings = shop_room.find_shop_settings()
    assert settings is not None
    assert (settings.name, settings.currency, settings.time_zone) == ("Kitchen & Co", "EUR", "Europe/Berlin")
    assert woocommerce.SECRET not in signed_in.get("/settings/connections/woocommerce/").content.decode()
