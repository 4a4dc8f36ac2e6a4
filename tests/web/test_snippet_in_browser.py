"""Our snippet in a real browser, in a shop of another origin than the edge: what it sends, keeps, and forgets."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connections
from playwright.sync_api import Route
from pytest_django.plugin import DjangoDbBlocker

from tests.web.browser import needs_browser
from tests.web.snippet import Shop, Visit, opened_shop

pytestmark = [needs_browser, pytest.mark.django_db]
SLACK = timedelta(seconds=2)
KEPT_BEFORE = "localStorage.setItem('kembali.id', 'from-days-when-nobody-was-asked')"
SEGMENTS_LOADER = """<script>(function () {
    var i = "analytics", analytics = window[i] = window[i] || [];
    analytics.methods = ["track", "page", "identify", "group", "alias", "reset", "ready"];
    analytics.methods.forEach(function (method) {
        analytics[method] = function () {
            var words = Array.prototype.slice.call(arguments);
            words.push({ __t: "bpc", p: "/told", u: location.href, s: "", t: "Told", r: "" });
            analytics.push([method].concat(words));
            return analytics;
        };
    });
    analytics.load = function (key, options) {
        var tag = document.createElement("script");
        tag.async = true;
        tag.setAttribute("data-global-segment-analytics-key", i);
        tag.src = "EDGE/analytics.js/v1/" + key + "/analytics.min.js";
        document.head.append(tag);
        analytics._loadOptions = options;
    };
    localStorage.setItem("ajs_anonymous_id", '"known-before"');
    analytics.load("KEY", OPTIONS);
    analytics.page();
    analytics.identify("u1", { email: "ann@example.com" });
})();</script>"""


@pytest.fixture(scope="module")
def shop(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser's loop runs in this thread
        with opened_shop(tmp_path_factory.mktemp("edge"), visitors=20) as shop:
            yield shop
            connections.close_all()  # the one of that loop, while it runs
        call_command("flush", verbosity=0, interactive=False)


def names(shop: Shop, visit: Visit, count: int) -> list[str]:
    return [fact.name for fact in shop.facts(visit, count)]


def test_a_visit_arrives_once_in_order_with_its_person_and_its_times(shop: Shop) -> None:
    started = datetime.now(UTC)
    with shop.visitor() as visit:
        page = visit.page
        page.goto(f"{shop.site.address}/?utm_source=mail&utm_campaign=spring")
        visit.started()
        page.click("text=Tea")
        visit.started()
        page.click("#add")
        page.goto(f"{shop.site.address}/search?q=tea")
        visit.started()
        page.goto(f"{shop.site.address}/cart")
        visit.started()
        page.click("#remove")
        page.goto(f"{shop.site.address}/checkout")
        visit.started()
        page.fill("#email", "ann@example.com")
        page.fill("#note", "ring twice")
        page.click("#next")
        page.wait_for_url("**/checkout/shipping**")
        visit.started()
        facts = shop.facts(visit, 16)
        assert visit.errors == []
    assert [fact.name for fact in facts] == [
        "page",
        *("page", "Product Viewed", "Product Added"),
        *("page", "Products Searched", "Product List Viewed"),
        *("page", "Cart Viewed", "Product Removed"),
        *("page", "Checkout Started", "identify", "Checkout Step Completed"),
        *("page", "Checkout Step Viewed"),
    ]
    assert len({fact.message_id for fact in facts}) == len(facts)
    assert len({tuple(fact.identifiers.items()) for fact in facts}) == 1
    assert facts[0].identifiers.keys() == {"anonymous_id"}
    assert all(started - SLACK <= fact.occurred_at <= datetime.now(UTC) for fact in facts)
    assert facts[0].payload["context"]["campaign"] == {"source": "mail", "name": "spring"}
    assert (facts[1].payload["properties"]["title"], facts[1].payload["properties"]["path"]) == ("Tea", "/products/tea")

    said = {fact.name: fact.payload.get("properties") for fact in facts}
    tea = {"product_id": "p1", "sku": "TEA", "name": "Green tea", "brand": "Leaf", "price": 4.5, "currency": "EUR"}
    assert said["Product Viewed"] == tea | {"image_url": "https://shop.example/tea.jpg"}
    assert said["Product Added"] == said["Product Viewed"] | {"variant": "v7", "quantity": 2}
    assert said["Products Searched"] == {"query": "tea"}
    assert said["Product List Viewed"] == {
        "products": [
            {"product_id": "TEA", "sku": "TEA", "name": "Green tea", "position": 1},
            {"product_id": "/products/cup", "name": "Cup", "url": "/products/cup", "position": 2},
        ]
    }
    assert said["Cart Viewed"] == {
        "cart_id": "c1",
        "value": 21,
        "products": [
            {"product_id": "p1", "quantity": 2, "price": 4.5},
            {"product_id": "p2", "quantity": 1, "price": 12},
        ],
    }
    assert said["Product Removed"] == {"product_id": "p2"}
    assert said["Checkout Step Completed"] == {"step": 1}
    assert facts[12].payload["traits"] == {"email": "ann@example.com"}


SAY = """(sku) => {
    document.querySelector("script[type='application/ld+json']")?.remove();
    const tag = document.createElement("script");
    tag.type = "application/ld+json";
    tag.textContent = JSON.stringify({ "@type": "Product", sku });
    document.body.append(tag);
}"""


def test_a_single_page_shop_has_a_page_for_each_address_and_a_product_for_each_new_one(shop: Shop) -> None:
    with shop.visitor() as visit:
        visit.page.goto(shop.site.address)
        visit.started()
        visit.page.evaluate("history.pushState({}, '', '/products/tea'); document.title = 'Tea'")
        shop.facts(visit, 2)
        visit.page.evaluate(SAY, "TEA")
        shop.facts(visit, 3)
        visit.page.evaluate(SAY, "TEA")  # drawn anew
        visit.page.evaluate("history.replaceState({ scrolled: 1 }, '', '/products/tea#reviews')")
        visit.page.wait_for_timeout(400)
        visit.page.evaluate("history.pushState({}, '', '/products/cup')")
        shop.facts(visit, 4)
        visit.page.evaluate(SAY, "CUP")
        shop.facts(visit, 5)
        visit.page.evaluate("history.back()")
        facts = shop.facts(visit, 6)
    assert [fact.name for fact in facts] == ["page", "page", "Product Viewed", "page", "Product Viewed", "page"]
    assert [fact.payload["properties"].get("path") or fact.payload["properties"]["sku"] for fact in facts] == [
        *("/", "/products/tea", "TEA", "/products/cup", "CUP", "/products/tea")
    ]
    assert facts[1].payload["properties"]["title"] == "Tea"
    assert facts[3].payload["properties"]["referrer"] == f"{shop.site.address}/products/tea"


def test_what_happened_offline_arrives_when_online_with_the_time_it_happened(shop: Shop) -> None:
    with shop.visitor() as visit:
        visit.page.goto(shop.site.address)
        visit.started()
        assert names(shop, visit, 1) == ["page"]
        visit.context.set_offline(True)
        happened = datetime.now(UTC)
        visit.page.evaluate("kembali.track('Product Viewed', { sku: 'TEA' })")
        visit.page.wait_for_timeout(700)
        assert names(shop, visit, 1) == ["page"]
        visit.context.set_offline(False)
        facts = shop.facts(visit, 2)
        visit.page.wait_for_timeout(300)
        assert [name for name in visit.kept() if ".q." in name] == []
    assert [fact.name for fact in facts] == ["page", "Product Viewed"]
    assert abs(facts[1].occurred_at - happened) < SLACK


def test_the_last_event_of_a_closed_page_arrives_and_sent_again_by_the_next_page_counts_once(shop: Shop) -> None:
    with shop.visitor() as visit:
        visit.page.goto(shop.site.address)
        visit.started()
        assert names(shop, visit, 1) == ["page"]
        next_page = visit.context.new_page()
        visit.page.evaluate("kembali.track('Left', {})")
        visit.page.close(run_before_unload=True)
        left = shop.facts(visit, 2)[1]
        assert left.name == "Left"
        visit.page = next_page
        visit.page.goto(f"{shop.site.address}/cart")
        visit.started()
        assert names(shop, visit, 4) == ["page", "Left", "page", "Cart Viewed"]
        visit.page.wait_for_timeout(400)
        assert any(left.message_id in (asked.post_data or "") for asked in visit.sent)
        assert [name for name in visit.kept() if ".q." in name] == []


def test_without_a_yes_nothing_is_kept_and_nothing_is_sent(shop: Shop) -> None:
    with shop.visitor('data-consent="required"', script=KEPT_BEFORE) as visit:
        visit.page.goto(f"{shop.site.address}/products/tea")
        visit.started()
        visit.page.evaluate("kembali.identify('u1', { email: 'ann@example.com' })")
        visit.page.wait_for_timeout(400)
        visit.page.evaluate("kembali.consent(false)")
        visit.page.evaluate("kembali.track('Refused', {})")
        visit.page.goto(f"{shop.site.address}/cart")
        visit.started()
        visit.page.wait_for_timeout(400)
        stored = visit.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
        assert (stored, visit.sent, visit.context.cookies()) == ([0, 0, ""], [], [])
    assert shop.facts(visit, 0) == []


def test_a_yes_sends_what_was_held_back_and_holds_on_the_next_page(shop: Shop) -> None:
    with shop.visitor('data-consent="required"') as visit:
        visit.page.goto(f"{shop.site.address}/products/tea")
        visit.started()
        visit.page.wait_for_timeout(400)
        assert visit.sent == []
        visit.page.evaluate("kembali.consent(true)")
        assert names(shop, visit, 2) == ["page", "Product Viewed"]
        visit.page.goto(f"{shop.site.address}/checkout")
        visit.started()
        facts = shop.facts(visit, 4)
    assert [fact.name for fact in facts] == ["page", "Product Viewed", "page", "Checkout Started"]
    assert len({fact.identifiers["anonymous_id"] for fact in facts}) == 1


def test_withdrawing_forgets_everything_in_every_tab(shop: Shop) -> None:
    with shop.visitor('data-consent="required"') as visit:
        visit.page.goto(shop.site.address)
        visit.started()
        visit.page.evaluate("kembali.consent(true)")
        other = visit.context.new_page()
        other.goto(shop.site.address)
        other.wait_for_function("window.kembali?.initialize")
        assert names(shop, visit, 2) == ["page", "page"]
        visit.page.evaluate("kembali.consent(false)")
        assert visit.kept() == []
        other.wait_for_timeout(200)
        other.evaluate("kembali.track('Afterwards', {})")
        other.wait_for_timeout(400)
        assert visit.kept() == []
        assert names(shop, visit, 2) == ["page", "page"]


def test_who_objects_where_nobody_is_asked_is_left_alone_on_later_pages(shop: Shop) -> None:
    with shop.visitor() as visit:
        visit.page.goto(shop.site.address)
        visit.started()
        assert names(shop, visit, 1) == ["page"]
        visit.page.evaluate("kembali.consent(false)")
        visit.page.goto(f"{shop.site.address}/cart")
        visit.started()
        visit.page.wait_for_timeout(400)
        assert visit.kept() == ["kembali.consent"]
        assert names(shop, visit, 1) == ["page"]


def test_global_privacy_control_is_respected_where_the_shop_says_so(shop: Shop) -> None:
    signal = "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true });" + KEPT_BEFORE
    with shop.visitor('data-gpc="respect"', script=signal) as visit:
        visit.page.goto(f"{shop.site.address}/cart")
        visit.started()
        visit.page.evaluate("kembali.consent(true)")
        visit.page.evaluate("kembali.track('Seen', {})")
        visit.page.wait_for_timeout(400)
        assert (visit.kept(), visit.sent) == ([], [])
    with shop.visitor("", script=signal) as visit:
        visit.page.goto(shop.site.address)
        visit.started()
        assert names(shop, visit, 1) == ["page"]


def test_a_busy_server_is_asked_again_when_it_said_and_not_before(shop: Shop) -> None:
    asked: list[datetime] = []

    def busy_once(route: Route) -> None:
        asked.append(datetime.now(UTC))
        if len(asked) > 1:
            route.continue_()
            return
        headers = {"access-control-allow-origin": "*", "access-control-expose-headers": "retry-after"}
        route.fulfill(status=503, headers=headers | {"retry-after": "1"}, body="{}")

    with shop.visitor() as visit:
        visit.context.route("**/v1/batch", busy_once)
        visit.page.goto(shop.site.address)
        visit.started()
        visit.page.wait_for_timeout(700)
        visit.page.evaluate("kembali.track('Meanwhile', {})")
        visit.page.wait_for_timeout(1500)
        assert names(shop, visit, 2) == ["page", "Meanwhile"]
    assert len(asked) == 2
    assert timedelta(seconds=0.9) < asked[1] - asked[0] < timedelta(seconds=8)


def test_an_unreadable_event_takes_no_other_with_it(shop: Shop) -> None:
    with shop.visitor() as visit:
        visit.page.goto(shop.site.address)
        visit.started()
        assert names(shop, visit, 1) == ["page"]
        visit.page.evaluate("""() => {
            kembali.track("Before", {});
            localStorage.setItem("kembali.q.0.broken", "{no json");
            kembali.track("After", {});
        }""")
        assert names(shop, visit, 3) == ["page", "Before", "After"]
        visit.page.wait_for_timeout(300)
        assert [name for name in visit.kept() if ".q." in name] == []


def test_the_queue_keeps_the_newest_two_hundred_and_never_what_is_too_large(shop: Shop) -> None:
    with shop.visitor() as visit:
        visit.page.goto(shop.site.address)
        visit.started()
        assert names(shop, visit, 1) == ["page"]
        visit.context.set_offline(True)
        visit.page.evaluate("""() => {
            for (let n = 1; n <= 230; n += 1) kembali.track("Many", { n });
            kembali.track("Large", { text: "x".repeat(40000) });
        }""")
        visit.context.set_offline(False)
        facts = shop.facts(visit, 201)
    assert [fact.payload["properties"]["n"] for fact in facts[1:]] == list(range(31, 231))


def test_what_cannot_be_told_does_not_stop_the_shop(shop: Shop) -> None:
    with shop.visitor() as visit:
        visit.page.goto(shop.site.address)
        visit.started()
        went_on = """() => {
            const around = {};
            around.around = around;
            kembali.track("Around", around);
            kembali.track("Next", {});
            return true;
        }"""
        assert visit.page.evaluate(went_on) is True
        assert names(shop, visit, 2) == ["page", "Next"]


def test_two_tabs_are_one_visitor_and_nothing_arrives_twice(shop: Shop) -> None:
    with shop.visitor() as visit:
        visit.page.goto(shop.site.address)
        visit.started()
        other = visit.context.new_page()
        other.goto(f"{shop.site.address}/cart")
        other.wait_for_function("window.kembali?.initialize")
        for n in range(10):
            (visit.page, other)[n % 2].evaluate(f"kembali.track('Seen', {{ n: {n} }})")
        facts = shop.facts(visit, 13)
        visit.page.wait_for_timeout(400)
        assert len(shop.facts(visit, 14, patience_s=0)) == 13
    assert len({fact.identifiers["anonymous_id"] for fact in facts}) == 1
    assert sorted(fact.payload["properties"]["n"] for fact in facts if fact.name == "Seen") == list(range(10))


def test_a_shop_that_had_segments_loader_changes_its_host_only(shop: Shop) -> None:
    with shop.visitor(tag=SEGMENTS_LOADER.replace("OPTIONS", "undefined")) as visit:
        visit.page.goto(f"{shop.site.address}/products/tea")
        visit.page.wait_for_function("window.analytics?.initialize")
        visit.page.evaluate("new Promise((done) => analytics.track('Bought', { total: 5 }, {}, done))")
        facts = shop.facts(visit, 3)
        assert visit.errors == []
    assert [fact.name for fact in facts] == ["page", "identify", "Bought"]
    assert {fact.identifiers["anonymous_id"] for fact in facts} == {"known-before"}
    assert facts[0].payload["properties"]["path"] == "/told"
    assert (facts[2].payload["userId"], facts[2].payload["properties"]) == ("u1", {"total": 5})


def test_behind_segments_loader_consent_can_be_required_too(shop: Shop) -> None:
    loader = SEGMENTS_LOADER.replace("OPTIONS", '{ kembali: { consent: "required" } }')
    with shop.visitor(tag=loader) as visit:
        visit.page.goto(shop.site.address)
        visit.page.wait_for_function("window.analytics?.initialize")
        visit.page.wait_for_timeout(400)
        assert (visit.kept(), visit.sent) == ([], [])
        visit.page.evaluate("analytics.consent(true)")
        assert names(shop, visit, 2) == ["page", "identify"]
