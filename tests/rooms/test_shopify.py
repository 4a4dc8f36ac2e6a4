"""A Shopify shop over real HTTP: connected, read from its beginning, kept up, and equal to what webhooks tell."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from kembali.collect import api as collect
from kembali.collect.connections.connecting import shop_of
from kembali.collect.models import Connection, Fact, RejectedEvent
from kembali.config import wiring
from kembali.infra.http import Client
from kembali.shop import api as shop_room
from kembali.shop.models import Order
from tests.fakes.shopify import SECRET, ShopifyShop
from tests.fakes.shopify_api import CLIENT_ID, ShopifyApi, shopify_api

AT = datetime(2031, 6, 1, 12, tzinfo=UTC)
HTTP = Client(allow_private=True)
VALUES = {"client_id": CLIENT_ID, "client_secret": SECRET}
pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> ShopifyShop:
    made = ShopifyShop()
    for number in range(1, 8):
        made.customer(number)
        made.product(number)
        made.order(1000 + number, [(f"SKU{number}", 2, "10.00")], customer=number)
        made.pay(1000 + number)
    return made


@pytest.fixture
def api(shop: ShopifyShop) -> Iterator[ShopifyApi]:
    with shopify_api(shop) as running:
        yield running


def connect(api: ShopifyApi) -> None:
    collect.connect_shop("shopify", address=api.url, values=VALUES, at=AT)


def ask(at: datetime) -> int:
    return collect.reconcile_due(http=HTTP, at=at)


def found() -> collect.ConnectionView:
    view = collect.connection_of("shopify")
    assert view is not None
    return view


def test_a_shops_whole_history_comes_in_with_what_it_counts_itself(api: ShopifyApi) -> None:
    connect(api)
    assert ask(AT) == 28
    kinds = Fact.objects.values_list("kind", flat=True)
    assert sorted(set(kinds)) == ["customer.profile", "order.version", "product.version"]
    assert [(stream.stream, stream.done_count, stream.total_count) for stream in found().streams] == [
        ("customers", 7, 7),
        ("products", 7, 7),
        ("orders", 7, 7),
    ]
    counted = {total.month: total.order_count for total in collect.list_shop_totals()}
    assert (len(counted), sum(counted.values())) == (12, 7)
    assert api.tokens_given == 1


@pytest.mark.django_db(transaction=True)
def test_orders_become_the_shops_state_and_trigger_nothing(api: ShopifyApi) -> None:
    shop_room.set_up_shop(name="Shop", currency="EUR", time_zone="Europe/Amsterdam")
    connect(api)
    ask(AT)
    wiring.fold(AT)
    assert Order.objects.filter(status="paid").count() == 7
    order = Order.objects.get(order_ref="#1003")
    assert (order.source, order.gross_minor, order.placed_at.year) == ("shopify", 2500, 2031)
    assert Fact.objects.filter(kind="segment.entered").count() == 0


def test_what_changed_is_asked_for_and_nothing_else(api: ShopifyApi, shop: ShopifyShop) -> None:
    connect(api)
    ask(AT)
    shop.now = AT
    shop.refund(1004, "5.00")
    api.asked.clear()
    assert ask(AT + timedelta(minutes=10)) == 1
    fact = Fact.objects.order_by("-seq")[0]
    assert fact.payload["totals"]["refunded_minor"] == 500
    queries = {said["variables"].get("query") for said in api.asked if "query" in said["variables"]}
    assert queries == {"updated_at:>='2031-06-01T11:55:00Z'"}


def test_pages_are_followed_although_the_shop_goes_on_selling(api: ShopifyApi, shop: ShopifyShop) -> None:
    connect(api)
    connection = Connection.objects.get()
    connector = collect.connector_of("shopify")
    shop_seen = shop_of(connection)
    shop_seen.remembered["size:orders"] = "2"
    api.before_page = lambda kind: shop.pay(1001) if kind == "orders" and shop.now < AT else None
    seen: list[str] = []
    cursor = None
    shop.now = AT - timedelta(minutes=5)
    for _ in range(20):
        page = connector.page(shop_seen, HTTP, "orders", since=None, cursor=cursor, at=AT)
        seen += [fact.message_id.partition(":")[0] for fact in page.facts]
        cursor = page.cursor
        if cursor is None:
            break
    assert set(seen) == {f"#{1000 + number}" for number in range(1, 8)}


def test_an_empty_bucket_is_waited_for_and_is_no_error(api: ShopifyApi) -> None:
    connect(api)
    api.bucket = 10.0
    assert ask(AT) == 0
    assert (found().failures, found().last_error) == (0, "")
    assert AT + timedelta(seconds=2) < found().due_at < AT + timedelta(seconds=10)
    api.bucket = 2000.0
    assert ask(found().due_at) == 28


def test_a_question_that_is_too_costly_is_asked_smaller(api: ShopifyApi) -> None:
    connect(api)
    api.most_cost = 20.0
    assert ask(AT) == 28
    assert max(said["variables"].get("first") or 0 for said in api.asked[-3:]) <= 6


def test_a_token_is_renewed_before_it_ends_and_when_it_ends_early(api: ShopifyApi, shop: ShopifyShop) -> None:
    connect(api)
    ask(AT)
    ask(AT + timedelta(hours=1))
    assert api.tokens_given == 1
    ask(AT + timedelta(hours=23, minutes=45))
    assert api.tokens_given == 2
    api.token = "shpat_2"  # the app was installed anew
    ask(AT + timedelta(hours=24, minutes=30))
    assert (api.tokens_given, found().failures) == (3, 0)
    assert "shpat" not in str(Connection.objects.values().get())


def test_trouble_at_shopify_is_waited_out_and_said(api: ShopifyApi) -> None:
    connect(api)
    collect.order_webhooks("shopify", http=HTTP, at=AT)
    internal = {"message": "Internal error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    api.failures = [(502, {}, "bad gateway"), (200, {}, {"errors": [internal]})]
    ask(AT)
    assert found().last_error.startswith("The shop answers with an error (502).")
    ask(AT + timedelta(seconds=15))
    assert (found().failures, found().last_error.startswith("Shopify has trouble of its own")) == (2, True)
    assert ask(AT + timedelta(seconds=60)) == 28


def test_what_cannot_be_read_is_kept_and_takes_nothing_else_with_it(api: ShopifyApi, shop: ShopifyShop) -> None:
    shop.orders[1003]["total"] = "1e40"
    connect(api)
    assert ask(AT) == 27
    kept = RejectedEvent.objects.get()
    assert (kept.source, kept.call) == ("shopify", "shopify.asked/orders")
    assert collect.replay_events(at=AT).rejected == 1


def test_orders_with_more_lines_than_a_page_are_whole(api: ShopifyApi, shop: ShopifyShop) -> None:
    shop.order(2000, [(f"S{number}", 1, "1.00") for number in range(120)])
    connect(api)
    ask(AT)
    order = Fact.objects.get(kind="order.version", message_id__startswith="#2000:")
    assert [line[0] for line in order.payload["lines"]] == [f"S{number}" for number in range(120)]


def test_webhooks_are_ordered_once_and_follow_when_the_address_moves(api: ShopifyApi) -> None:
    connect(api)
    api.denied_topics = frozenset({"CARTS_CREATE"})
    topics = collect.order_webhooks("shopify", http=HTTP, at=AT)
    assert ("orders/updated" in topics, "carts/create" in topics, len(topics)) == (True, False, len(api.hooks))
    before = dict(api.hooks)
    assert collect.order_webhooks("shopify", http=HTTP, at=AT) == topics
    assert api.hooks == before
    api.hooks = {key: (topic, uri.replace("http://", "http://old.")) for key, (topic, uri) in before.items()}
    collect.order_webhooks("shopify", http=HTTP, at=AT)
    assert {uri for _, uri in api.hooks.values()} == {found().hook_url}


def test_a_shop_that_does_not_send_its_orders_says_so(api: ShopifyApi) -> None:
    connect(api)
    api.denied_topics = frozenset({"ORDERS_CREATE"})
    with pytest.raises(collect.ShopRefuses, match="orders/create"):
        collect.order_webhooks("shopify", http=HTTP, at=AT)
    assert found().hook_topics == ()


def checked(api: ShopifyApi, **values: str) -> list[tuple[str, str]]:
    told = collect.check_shop("shopify", address=api.url, values=VALUES | values, http=HTTP, at=AT)
    return [(check.state, check.words) for check in told]


def test_each_thing_is_checked_and_what_is_wrong_is_told(api: ShopifyApi) -> None:
    assert [state for state, _ in checked(api)] == ["ok"] * 5
    states = checked(api, client_secret="guessed")
    assert states[0] == ("failed", "Client id and client secret do not fit together.")
    assert [state for state, _ in states[1:]] == ["not_asked"] * 4
    api.scopes = ("read_orders", "write_products")
    states = checked(api)
    assert states[2] == (
        "failed",
        "The app lacks read_all_orders, read_customers, read_inventory, read_fulfillments.",
    )
    assert Connection.objects.count() == 0
