"""The running product in a real browser: signed in by a real link, every main page, wide and light, narrow and dark."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from kembali.collect import api as collect
from kembali.infra.database import for_another_thread
from kembali.messages import api as messages
from kembali.segments import api as segments
from kembali.shop import api as shop
from tests.makers import small_shop
from tests.web.browser import CHROMIUM, complaints_of, needs_browser
from tests.web.conftest import lived_in_shop, sign_in_path

pytestmark = [needs_browser, pytest.mark.django_db(transaction=True)]


JUST_IN = collect.NewFact(
    source="public:site",
    message_id="just-in",
    kind="tracking.track",
    occurred_at=small_shop.NOW,
    payload={"event": "Cart <i>Viewed</i>", "is_trusted": False, "notes": []},
)


def main_pages() -> list[str]:
    person = segments.members_at(segments.list_segments()[4].key, small_shop.NOW, limit=1)[0]
    mail = messages.list_mailbox(limit=1)[0].mail_id
    return [
        "/", "/people/", f"/people/{person}/", "/segments/", "/segments/idle_loyal/", "/journeys/",
        "/journeys/win_back/", "/journeys/win_back/steps/ten_days/", "/proof/", "/proof/win_back/", "/health/",
        "/import/", "/mailbox/", f"/mailbox/{mail}/", "/settings/", "/settings/debugger/",
        f"/settings/debugger/facts/{collect.recent_facts().facts[0].seq}/",
    ]  # fmt: skip


@contextmanager
def signed_in_page(browser: Browser, base: str, path: str) -> Iterator[tuple[Page, list[str]]]:
    """A page behind the real sign-in, and what its console complains about."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(base + path)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(base + "/")
    yield page, errors
    context.close()


def both_ways(page: Page, address: str) -> list[str]:
    """Complaints about a page, wide and light, then narrow and dark."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(address, wait_until="load")
    found = [f"{address} wide: {one}" for one in complaints_of(page)]
    page.set_viewport_size({"width": 320, "height": 800})
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    return found + [f"{address} narrow: {one}" for one in complaints_of(page)]


def test_every_main_page_is_clean_behind_the_real_sign_in(
    live_server: LiveServer, tmp_path: Path, owner: object
) -> None:
    with lived_in_shop(tmp_path):
        small_shop.build()
        pages, link = main_pages(), sign_in_path()
        assert shop.count_people() == small_shop.PEOPLE
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            with signed_in_page(browser, live_server.url, link) as (page, errors):
                complaints = [one for path in pages for one in both_ways(page, live_server.url + path)]
                page.set_viewport_size({"width": 1280, "height": 800})
                page.goto(live_server.url + "/people/")
                page.fill("#q", "p7@")
                page.wait_for_url("**q=p7**")
                page.wait_for_function("document.querySelectorAll('#results tbody tr').length === 1")
                page.goto(live_server.url + "/settings/debugger/")
                with ThreadPoolExecutor(1) as elsewhere:  # a browser is driven by a loop that no database may block
                    elsewhere.submit(for_another_thread(collect.append_facts), [JUST_IN], at=small_shop.NOW).result()
                page.get_by_text("Cart <i>Viewed</i>").wait_for()
            browser.close()
    assert complaints + errors == []
