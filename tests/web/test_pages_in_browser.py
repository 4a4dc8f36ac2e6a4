"""Every page in a real browser: nothing serious for axe, nothing refused by the content policy, nothing too wide."""

from collections.abc import Iterator

import pytest

from tests.web import gallery
from tests.web.browser import Looker, needs_browser

pytestmark = needs_browser


@pytest.fixture(scope="module")
def looker() -> Iterator[Looker]:
    with Looker() as opened:
        yield opened


@pytest.mark.parametrize("slug", gallery.PAGES)
def test_a_page_is_clean_wide_and_light_narrow_and_dark(looker: Looker, slug: str) -> None:
    assert looker.both_ways(slug) == []


def test_slash_goes_to_the_search(looker: Looker) -> None:
    with looker.page("people") as (page, _):
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "q"


def test_the_theme_button_is_remembered(looker: Looker) -> None:
    with looker.page("home") as (page, errors):
        page.get_by_role("button", name="Light or dark").first.click()
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert "theme=dark" in page.evaluate("document.cookie")
        assert errors == []


def test_looking_closer_loads_the_chart_library_only_then(looker: Looker) -> None:
    with looker.page("proof") as (page, errors):
        assert page.evaluate("typeof globalThis.echarts") == "undefined"
        page.get_by_role("button", name="Look closer").click()
        page.wait_for_selector(".stage canvas")
        assert page.locator("svg.chart").count() == 0
        assert errors == []


def test_without_javascript_the_numbers_and_the_search_remain(looker: Looker) -> None:
    with looker.page("home", javascript=False) as (page, _):
        assert page.locator("svg.chart.wide").is_visible()
        assert page.get_by_role("button", name="Look closer").count() == 0
    with looker.page("people", javascript=False) as (page, _):
        assert page.get_by_role("button", name="Find").is_visible()


def test_searching_swaps_the_results_and_keeps_the_address(looker: Looker) -> None:
    with looker.page("people") as (page, errors):
        page.fill("#q", "marta")
        page.wait_for_url("**q=marta**")
        assert page.locator("#results").count() == 1
        assert errors == []
