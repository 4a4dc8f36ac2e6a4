"""Six SDKs as their makers publish them send to a real edge: each event arrives once, with its person and its time.

Only their documented option for the host is set. The npm packages are fetched into an ignored folder, once, by the lock
file beside their scripts.
"""

import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright
from pytest_django.plugin import DjangoDbBlocker
from rudderstack.analytics.client import Client as RudderStackClient
from segment.analytics.client import Client as SegmentClient

from tests.makers.edge import Arrived, Edge, key_of, running_edge, running_site
from tests.makers.npm import fetch_packages
from tests.web.browser import CHROMIUM, needs_browser

SDKS = Path(__file__).parent / "sdks"
MODULES = SDKS / "node_modules"
SEGMENT_BROWSER = MODULES / "@segment/analytics-next/dist/umd/index.js"
RUDDERSTACK_BROWSER = MODULES / "@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js"
BATCHED = [f"Batched {n}" for n in range(1, 6)]
ONE_OF_EACH = sorted(["identify", "Product Added", "page", "screen", "group", "alias", *BATCHED])

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def edge(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Edge]:
    with django_db_blocker.unblock(), running_edge(tmp_path_factory.mktemp("edge")) as edge:
        yield edge


@pytest.fixture(scope="module")
def npm_packages() -> None:
    """Fetch what the lock file names, unless it is there."""
    fetch_packages(SDKS)


def node(script: str, key: str, edge: Edge) -> None:
    done = subprocess.run(
        ["node", script, key, edge.address], cwd=SDKS, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def say_one_of_each(client: SegmentClient | RudderStackClient) -> None:
    client.identify("u1", {"email": "ann@example.com"})
    client.track("u1", "Product Added", {"sku": "TEA"})
    client.page("u1", name="Home")
    client.screen("u1", name="Basket")
    client.group("u1", "g1", {"name": "Club"})
    client.alias("guest-1", "u1")
    for event in BATCHED:
        client.track(anonymous_id="a1", event=event)
    client.shutdown()


def assert_each_arrived_once(facts: list[Arrived], started: datetime, ended: datetime) -> None:
    """Everything is there once, names its person, and happened while the SDK ran (two seconds either way)."""
    assert sorted(fact.name for fact in facts) == ONE_OF_EACH
    assert len({fact.message_id for fact in facts}) == len(facts)
    by_name = {fact.name: fact for fact in facts}
    assert by_name["identify"].identifiers == {"customer_ref": "u1", "email": "ann@example.com"}
    assert by_name["Product Added"].identifiers == {"customer_ref": "u1"}
    assert by_name["Product Added"].payload["properties"] == {"sku": "TEA"}
    assert [by_name[one].identifiers for one in BATCHED] == [{"anonymous_id": "a1"}] * 5
    assert (by_name["alias"].payload["previousId"], by_name["alias"].payload["userId"]) == ("guest-1", "u1")
    assert by_name["group"].payload["groupId"] == "g1"
    assert by_name["page"].payload["name"] == "Home"
    slack = timedelta(seconds=2)
    assert all(started - slack <= fact.occurred_at <= ended + slack for fact in facts)


@pytest.mark.parametrize("sdk", [SegmentClient, RudderStackClient])
def test_each_event_of_a_python_sdk_arrives_once(edge: Edge, sdk: type[SegmentClient | RudderStackClient]) -> None:
    key, started = key_of("server", is_public=False), datetime.now(UTC)
    say_one_of_each(sdk(key, host=edge.address))
    assert_each_arrived_once(edge.facts("trusted:server", len(ONE_OF_EACH)), started, datetime.now(UTC))


@pytest.mark.parametrize("script", ["segment-node.mjs", "rudderstack-node.mjs"])
def test_each_event_of_a_node_sdk_arrives_once(edge: Edge, npm_packages: None, script: str) -> None:
    key, started = key_of("server", is_public=False), datetime.now(UTC)
    node(script, key, edge)
    assert_each_arrived_once(edge.facts("trusted:server", len(ONE_OF_EACH)), started, datetime.now(UTC))


SEGMENT_PAGE = """<!doctype html><title>Shop</title><script src=/sdk.js></script><script>
  const { AnalyticsBrowser } = window.AnalyticsNext;
  window.analytics = AnalyticsBrowser.load({ writeKey: "KEY", cdnURL: "EDGE" });
  window.send = async () => {
    await analytics.page("Home");
    await analytics.alias("u1", "guest-1");  // before identify: after it the SDK sends the old id
    await analytics.identify("u1", { email: "ann@example.com" });
    await analytics.track("Product Added", { sku: "TEA" });
    await analytics.group("g1", { name: "Club" });
    return (await analytics.user()).anonymousId();
  };
</script>"""
RUDDERSTACK_PAGE = """<!doctype html><title>Shop</title><script src=/sdk.js></script><script>
  const sdk = new rudderanalytics.RudderAnalytics();
  const done = (call) => new Promise((resolve) => call(resolve));
  sdk.load("KEY", "EDGE", { configUrl: "EDGE" });
  window.send = () => done((ready) => sdk.ready(() => ready())).then(() => {
    sdk.page("Home");
    sdk.identify("u1", { email: "ann@example.com" });
    sdk.track("Product Added", { sku: "TEA" });
    sdk.group("g1", { name: "Club" });
    sdk.alias("u1", "guest-1");
    return sdk.getAnonymousId();
  });
</script>"""

SEGMENTS_LOADER_PAGE = """<!doctype html><title>Shop</title><script>LOADER</script><script>
  const before = window.analytics;
  analytics.identify("u1", { email: "ann@example.com" });
  window.send = async () => {
    before.track("Product Added", { sku: "TEA" });  // a reference from before the script had come
    await analytics.group("g1", { name: "Club" });
    await analytics.alias("u1", "guest-1");
    analytics.on("page", () => {});
    return analytics.user().anonymousId();
  };
</script>"""


def in_chromium(html: str, sdk: Path, key: str, edge: Edge) -> tuple[str, list[str]]:
    """Let a shop's page send one of each call; return its visitor's anonymous id, and whom else the SDK spoke to."""
    page_html = html.replace("KEY", key).replace("EDGE", edge.address)
    strangers: list[str] = []
    with sync_playwright() as playwright, running_site({"/": page_html}, {"/sdk.js": sdk}) as site:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page: Page = browser.new_page()
        page.set_default_timeout(15_000)
        page.on(
            "request",
            lambda asked: None if asked.url.startswith((site.address, edge.address)) else strangers.append(asked.url),
        )
        page.goto(site.address, wait_until="networkidle")
        anonymous_id = str(page.evaluate("send()"))
        edge.facts("public:site", 5)
        time.sleep(0.5)  # whatever is sent twice has come as well
        browser.close()
    return anonymous_id, strangers


def assert_each_arrived_from_the_page_once(facts: list[Arrived], anonymous_id: str, started: datetime) -> None:
    """Everything is there once, stands with the visitor's anonymous id, and happened while the page was open."""
    assert sorted(fact.name for fact in facts) == ["Product Added", "alias", "group", "identify", "page"]
    assert len({fact.message_id for fact in facts}) == 5
    # Anyone may send with a public key: whom its events name stands in them, but is not believed.
    assert {tuple(fact.identifiers) for fact in facts} == {("anonymous_id",)}
    by_name = {fact.name: fact for fact in facts}
    assert by_name["page"].identifiers == {"anonymous_id": anonymous_id}
    assert by_name["Product Added"].payload["userId"] == "u1"
    assert by_name["Product Added"].payload["properties"]["sku"] == "TEA"
    assert (by_name["alias"].payload["previousId"], by_name["alias"].payload["userId"]) == ("guest-1", "u1")
    slack = timedelta(seconds=2)
    assert all(started - slack <= fact.occurred_at <= datetime.now(UTC) + slack for fact in facts)


@needs_browser
@pytest.mark.parametrize(
    ("html", "sdk"),
    [(SEGMENT_PAGE, SEGMENT_BROWSER), (RUDDERSTACK_PAGE, RUDDERSTACK_BROWSER)],
    ids=["segment", "rudderstack"],
)
def test_each_event_of_a_browser_sdk_arrives_once(edge: Edge, npm_packages: None, html: str, sdk: Path) -> None:
    key, started = key_of("site"), datetime.now(UTC)
    anonymous_id, strangers = in_chromium(html, sdk, key, edge)
    assert_each_arrived_from_the_page_once(edge.facts("public:site", 5), anonymous_id, started)
    assert strangers == []


@needs_browser
def test_a_page_with_segments_own_loader_needs_only_another_host(edge: Edge, npm_packages: None) -> None:
    key, started = key_of("site"), datetime.now(UTC)
    program = "console.log(require('@segment/snippet').min({apiKey: process.argv[1], host: 'cdn.example'}))"
    loader = subprocess.run(
        ["node", "-e", program, key], cwd=SDKS, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert "https://cdn.example" in loader
    html = SEGMENTS_LOADER_PAGE.replace("LOADER", loader.replace("https://cdn.example", edge.address))
    anonymous_id, strangers = in_chromium(html, SEGMENT_BROWSER, key, edge)
    assert_each_arrived_from_the_page_once(edge.facts("public:site", 5), anonymous_id, started)
    assert strangers == []
