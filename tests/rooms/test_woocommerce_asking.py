"""A WooCommerce shop is asked over HTTP: whatever happens between two pages, nothing is passed over."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from kembali.collect.connectors.errors import BadConnection, ShopBusy, ShopRefuses
from kembali.collect.connectors.values import Page, Shop
from kembali.collect.connectors.woocommerce import connector
from kembali.collect.connectors.woocommerce.connector import WooCommerce
from kembali.collect.connectors.woocommerce.hooks import TOPICS
from kembali.infra.http import Client
from tests.fakes.woocommerce import Faults, Site, serve
from tests.fakes.woocommerce.site import KEY, SECRET

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
WOO = WooCommerce()
HTTP = Client(allow_private=True)
HOOK_URL = "https://kembali.example/hooks/woocommerce/t0ken"


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "_SIZE", 3)
    monkeypatch.setattr(connector, "_PRODUCTS", 2)


def shop_at(address: str) -> Shop:
    return Shop(name="woocommerce", address=address, settings={"key": KEY}, secrets={"secret": SECRET})


def pages(shop: Shop, stream: str, *, since: datetime | None = None, at: datetime = AT) -> Iterator[Page]:
    cursor: str | None = None
    for _ in range(100):
        page = WOO.page(shop, HTTP, stream, since=since, cursor=cursor, at=at)
        yield page
        cursor = page.cursor
        if cursor is None:
            return
    raise AssertionError("The stream does not end.")


def refs(shop: Shop, stream: str, *, since: datetime | None = None, at: datetime = AT) -> list[str]:
    return [
        fact.message_id.rpartition(":")[0] for page in pages(shop, stream, since=since, at=at) for fact in page.facts
    ]


def shop_with(count: int) -> Site:
    site = Site()
    for _ in range(count):
        site.place([("MUG", 1, "10.00")], email="ida@example.com")
        site.later(60)
    return site


def test_all_orders_come_page_by_page_and_the_shop_tells_how_many() -> None:
    with serve(shop_with(10)) as address:
        found = list(pages(shop_at(address), "orders"))
    assert found[0].total == 10
    assert {fact.message_id.partition(":")[0] for page in found for fact in page.facts} == {
        str(number) for number in range(101, 111)
    }


def test_an_order_that_changes_between_two_pages_comes_again_and_none_is_passed_over() -> None:
    site = shop_with(9)
    with serve(site) as address:
        seen = []
        for page in pages(shop_at(address), "orders"):
            seen += [fact.message_id for fact in page.facts]
            if len(seen) == 3:
                site.pay(101)  # moves behind the last one: all others move one place forward
    assert {one.partition(":")[0] for one in seen} == {str(number) for number in range(101, 110)}
    assert len({one for one in seen if one.startswith("101:")}) == 2


def test_more_orders_of_one_second_than_fit_a_page_all_come() -> None:
    site = Site()
    for _ in range(8):
        site.place([("MUG", 1, "10.00")], email="ida@example.com")
    with serve(site) as address:
        assert sorted(set(refs(shop_at(address), "orders"))) == [str(number) for number in range(101, 109)]


def test_only_what_changed_since_is_asked_for_by_the_shops_own_clock() -> None:
    site = shop_with(6)
    site.now = AT + timedelta(hours=5)
    with serve(site) as address:
        shop = shop_at(address)
        assert refs(shop, "orders", since=site.now - timedelta(minutes=10), at=site.now) == []
        site.now -= timedelta(minutes=7)  # the shop's clock is slow: what changes now bears an instant before `since`
        site.pay(103)
        our_now = site.now + timedelta(minutes=7)
        list(pages(shop, "orders", since=our_now, at=our_now))  # learns by how much
        assert shop.remembered["ahead_s"] == "-420"
        assert refs(shop, "orders", since=our_now, at=our_now) == ["103"]


def test_a_shop_before_5_8_is_read_by_its_ids_and_of_changes_the_last_month() -> None:
    site = shop_with(7)
    faults = Faults(knows_modified=False)
    with serve(site, faults) as address:
        shop = shop_at(address)
        assert refs(shop, "orders") == [str(number) for number in range(101, 108)]
        site.now += timedelta(days=40)
        site.place([("TEA", 1, "4.00")], email="ida@example.com")
        assert refs(shop, "orders", since=site.now, at=site.now) == ["108"]
        assert shop.remembered["by_ids_on"] == site.now.date().isoformat()
        faults.knows_modified = True  # it is updated
        site.now += timedelta(days=1)
        site.pay(101)
        assert refs(shop, "orders", since=site.now, at=site.now) == ["101"]


def test_deleted_orders_are_a_stream_of_their_own_under_their_own_numbers() -> None:
    site = Site(number_gap=90)
    number = site.place([("MUG", 1, "10.00")], email="ida@example.com")
    site.later(5)
    site.trash(number)
    with serve(site) as address:
        assert refs(shop_at(address), "orders") == []
        assert refs(shop_at(address), "deleted_orders") == ["11"]


def test_products_come_with_their_variations_and_completely_once_a_day() -> None:
    site = Site()
    site.stock("Mug", "12.50")
    number = site.stock_variations("Tea pot", {"red": "29.00", "blue": "31.00"})
    with serve(site) as address:
        shop = shop_at(address)
        facts = [fact for page in pages(shop, "products") for fact in page.facts]
        site.now += timedelta(hours=30)
        site.variations[number][0]["price"] = "27.00"  # says nothing of its product
        same_day = refs(shop, "products", since=site.now - timedelta(hours=1), at=site.now)
        next_day = refs(shop, "products", since=site.now - timedelta(hours=20), at=site.now)
    assert {fact.message_id.rpartition(":")[0] for fact in facts} == {"product:101", "product:102"}
    assert shop.remembered["currency"] == "EUR"
    assert (same_day, sorted(set(next_day))) == ([], ["product:101", "product:102"])


def test_new_accounts_come_at_once_and_all_of_them_once_a_day() -> None:
    site = Site()
    for name in "abcd":
        site.sign_up(f"{name}@example.com", name)
        site.later(3600)
    with serve(site) as address:
        shop = shop_at(address)
        assert len(refs(shop, "customers")) == 4
        assert refs(shop, "customers", since=AT + timedelta(hours=2), at=AT + timedelta(hours=4))[0].startswith(
            "customer:104:"
        )
        assert len(refs(shop, "customers", since=AT, at=AT + timedelta(days=1))) == 4


def test_what_one_order_says_wrong_takes_no_other_with_it() -> None:
    site = shop_with(3)
    site.orders[102]["total"] = "twelve"
    with serve(site) as address:
        (page, *_) = pages(shop_at(address), "orders")
    assert [fact.message_id.partition(":")[0] for fact in page.facts] == ["101", "103"]
    (kept,) = page.rejected
    assert (kept.call, kept.reason_code) == ("woocommerce.asked.orders", "bad_amount")


def test_what_was_asked_for_and_not_understood_is_read_again_once_its_cause_is_mended() -> None:
    site = Site()
    number = site.stock_variations("Tea pot", {"red": "29.00", "blue": "dear"})
    with serve(site) as address:
        (page,) = pages(shop_at(address), "products")
    (kept,) = page.rejected
    assert (page.facts, kept.call) == ([], "woocommerce.asked.products")
    again = WOO.read_again(
        kept.call, kept.raw.replace(b"dear", b"31"), kept.beside, source="w", is_trusted=True, received_at=AT
    )
    assert [fact.message_id.rpartition(":")[0] for fact in again.facts] == [f"product:{number}"]
    same = WOO.read_again(kept.call, kept.raw, kept.beside, source="w", is_trusted=True, received_at=AT)
    assert [one.reason_code for one in same.rejected] == ["bad_amount"]


@pytest.mark.parametrize("has_permalinks", [True, False])
@pytest.mark.parametrize("swallows", [True, False])
def test_permalinks_or_none_keys_in_a_header_or_in_the_address(has_permalinks: bool, swallows: bool) -> None:
    faults = Faults(has_permalinks=has_permalinks, swallows_authorization=swallows)
    with serve(shop_with(2), faults) as address:
        shop = shop_at(address)
        assert refs(shop, "orders") == ["101", "102"]
        before = len(faults.asked)
        refs(shop, "orders")
    assert len(faults.asked) - before == 1  # what was found out is remembered
    assert any("consumer_secret" in one for one in faults.asked) is swallows


def test_permalinks_switched_off_are_found_out_and_no_key_stands_in_an_error() -> None:
    faults = Faults(swallows_authorization=True)
    with serve(shop_with(1), faults) as address:
        shop = shop_at(address)
        refs(shop, "orders")
        faults.has_permalinks = False
        with pytest.raises(ShopRefuses, match="404"):
            refs(shop, "orders")
        assert refs(shop, "orders") == ["101"]
        faults.answers = [(301, {"Location": f"https://elsewhere.example/?consumer_secret={SECRET}"})]
        with pytest.raises(ShopRefuses, match="elsewhere") as told:
            refs(shop, "orders")
    assert SECRET not in str(told.value)


def test_wrong_keys_are_refused_and_not_remembered_as_a_swallowed_header() -> None:
    with serve(shop_with(1)) as address:
        shop = Shop(name="woocommerce", address=address, settings={"key": KEY}, secrets={"secret": "cs_wrong"})
        with pytest.raises(ShopRefuses, match="401"):
            refs(shop, "orders")
    assert "keys" not in shop.remembered


def test_a_busy_shop_is_left_alone_as_long_as_it_asks_for() -> None:
    faults = Faults(answers=[(429, {"Retry-After": "30"}), (503, {})])
    with serve(shop_with(2), faults) as address:
        shop = shop_at(address)
        with pytest.raises(ShopBusy) as told:
            refs(shop, "orders")
        assert told.value.wait_s == 30
        with pytest.raises(ShopBusy):
            refs(shop, "orders")
        assert refs(shop, "orders") == ["101", "102"]


def test_each_check_says_what_it_found_and_the_first_that_fails_is_the_last() -> None:
    site = shop_with(2)
    site.orders[101]["status"] = "in-production"
    with serve(site, Faults(may_write=False)) as address:
        words = {check.name: (check.state, check.words) for check in WOO.check(shop_at(address), HTTP, at=AT)}
    assert words["Address"] == ("ok", "“Kitchen & Co” answers.")
    assert words["Keys"] == ("ok", "The keys open the shop: 2 orders.")
    assert words["Right to write"][0] == "failed"
    assert words["Right to write"][1].startswith("The key may not make webhooks: The shop says no (401)")
    assert words["Webhooks"] == ("not_asked", "")
    with serve(site) as address:
        words = {check.name: (check.state, check.words) for check in WOO.check(shop_at(address), HTTP, at=AT)}
    assert words["Order statuses"][1].startswith("Not explained: in-production.")
    assert words["Webhooks"] == ("ok", "None yet: kembali makes them when the shop is connected.")


def test_every_topic_gets_one_webhook_and_repeating_it_changes_nothing() -> None:
    site = Site()
    faults = Faults()
    with serve(site, faults) as address:
        shop = shop_at(address)
        assert WOO.webhooks.subscribe(shop, HTTP, hook_url=HOOK_URL, at=AT) == list(TOPICS)
        faults.asked.clear()
        assert WOO.webhooks.subscribe(shop, HTTP, hook_url=HOOK_URL, at=AT) == list(TOPICS)
    assert sorted(hook["topic"] for hook in site.hooks.values()) == sorted(TOPICS)
    assert all(one.startswith("GET") for one in faults.asked)


def test_a_webhook_disabled_after_failures_is_made_active_again_and_a_paused_one_stays() -> None:
    site = Site()
    with serve(site) as address:
        shop = shop_at(address)
        WOO.webhooks.subscribe(shop, HTTP, hook_url=HOOK_URL, at=AT)
        updated = next(hook for hook in site.hooks.values() if hook["topic"] == "order.updated")
        paused = next(hook for hook in site.hooks.values() if hook["topic"] == "coupon.created")
        for _ in range(6):
            site.note_answer(updated["id"], 503)
        paused["status"] = "paused"
        assert updated["status"] == "disabled"
        topics = WOO.webhooks.subscribe(shop, HTTP, hook_url=HOOK_URL, at=AT)
    assert (updated["status"], paused["status"]) == ("active", "paused")
    assert "coupon.created" not in topics


def test_webhooks_made_by_hand_are_looked_at_and_left_alone() -> None:
    site, faults = Site(), Faults(may_write=False)
    site.add_hook({"topic": "order.created", "delivery_url": HOOK_URL, "secret": "typed"})
    with serve(site, faults) as address:
        shop = Shop(
            name="woocommerce",
            address=address,
            settings={"key": KEY},
            secrets={"secret": SECRET, "hook_secret": "typed"},
        )
        assert [check.state for check in WOO.check(shop, HTTP, at=AT)] == ["ok"] * 5
        assert WOO.webhooks.subscribe(shop, HTTP, hook_url=HOOK_URL, at=AT) == ["order.created"]
    assert [one for one in faults.asked if not one.startswith("GET")] == []


def test_new_keys_bring_every_webhook_a_new_secret() -> None:
    site = Site()
    with serve(site) as address:
        shop = shop_at(address)
        shop.previous = {"secret": "cs_before"}
        WOO.webhooks.subscribe(shop, HTTP, hook_url=HOOK_URL, at=AT)
        first = {hook["secret"] for hook in site.hooks.values()}
        shop.remembered["hooks"] = "of the keys before"
        for hook in site.hooks.values():
            hook["secret"] = "old"
        WOO.webhooks.subscribe(shop, HTTP, hook_url=HOOK_URL, at=AT)
    assert {hook["secret"] for hook in site.hooks.values()} == first
    assert len(first) == 1


def test_the_shop_counts_its_orders_of_a_month() -> None:
    site = shop_with(2)
    site.now = datetime(2026, 7, 1, tzinfo=UTC)
    site.place([("MUG", 1, "10.00")], email="ida@example.com")
    site.place([("MUG", 1, "10.00")], email="jo@example.com", status="checkout-draft")
    with serve(site) as address:
        found = WOO.totals(shop_at(address), HTTP, months=[date(2026, 6, 1), date(2026, 7, 1)], at=site.now)
    assert [(one.month, one.order_count, one.currency) for one in found] == [
        (date(2026, 6, 1), 2, "EUR"),
        (date(2026, 7, 1), 1, "EUR"),
    ]


def test_an_address_is_stored_without_what_leads_inside() -> None:
    assert WOO.address_of(" shop.example/ ") == "https://shop.example"
    assert WOO.address_of("https://shop.example/store/wp-admin/index.php") == "https://shop.example/store"
    for wrong in ("", "ftp://shop.example", "https://user:pw@shop.example", "https://shop.example?x=1"):
        with pytest.raises(BadConnection):
            WOO.address_of(wrong)
