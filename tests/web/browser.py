"""A real browser that sees gallery pages without a server: each request is answered here, under a content policy."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Route, sync_playwright

import kembali.web
from tests.web import gallery

CHROMIUM = Path("/usr/bin/chromium")
needs_browser = pytest.mark.skipif(
    not CHROMIUM.exists() and os.environ.get("KEMBALI_REQUIRE_BROWSER") != "1", reason=f"needs Chromium at {CHROMIUM}"
)
ORIGIN = "http://gallery.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'"
)
_STATIC = Path(kembali.web.__file__ or "").parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_MAIL = """<!doctype html><html lang=en><title>Mail</title>
<body style='font:16px/1.5 Georgia,serif;max-width:560px;margin:40px auto;padding:0 16px'><p>Dear Marta,</p>
<h1 style='font-weight:400'>How was your experience?</h1>
<p>It has been a while. May we ask one thing?</p></body></html>"""


class Looker:
    """Opens pages, photographs them, and lists what is wrong with them."""

    _playwright: Playwright
    _browser: Browser
    _shared: Page | None = None
    _slug: str = ""

    def __enter__(self) -> Self:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._browser.close()
        self._playwright.stop()

    @contextmanager
    def page(
        self, slug: str, *, theme: str = "light", width: int = 1280, javascript: bool = True
    ) -> Iterator[tuple[Page, list[str]]]:
        """Open a page; the list collects console errors, refused styles and scripts among them."""
        context = self._browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=javascript)
        context.set_default_timeout(15_000)
        errors: list[str] = []

        def note(message: ConsoleMessage) -> None:
            if message.type == "error" and "Failed to load resource" not in message.text:
                errors.append(message.text)

        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.route("**/*", lambda route: _answer(route, slug, theme))
        page.goto(f"{ORIGIN}/", wait_until="load")
        yield page, errors
        context.close()

    def both_ways(self, slug: str) -> list[str]:
        """Return complaints about a page, wide and light, then narrow and dark: in one window kept open for all."""
        if self._shared is None:
            context = self._browser.new_context(reduced_motion="reduce")
            context.set_default_timeout(15_000)
            self._shared = context.new_page()
            self._shared.route("**/*", lambda route: _answer(route, self._slug, "light"))
        self._slug, page = slug, self._shared
        errors: list[str] = []

        def note(message: ConsoleMessage) -> None:
            if message.type == "error" and "Failed to load resource" not in message.text:
                errors.append(message.text)

        page.on("console", note)
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(f"{ORIGIN}/?{slug}", wait_until="load")
        found = complaints_of(page)
        page.set_viewport_size({"width": 320, "height": 800})
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        found += complaints_of(page)
        page.remove_listener("console", note)
        return found + errors

    def look(self, slug: str, *, theme: str, width: int, picture: Path | None = None) -> list[str]:
        """Return complaints: serious axe findings, console errors, content wider than the window. Empty is good."""
        with self.page(slug, theme=theme, width=width) as (page, errors):
            if picture:
                page.wait_for_load_state("networkidle")
                page.screenshot(path=picture, full_page=True)
            return complaints_of(page) + errors


def complaints_of(page: Page) -> list[str]:
    """Return what axe finds serious on an open page, and how much it is wider than its window."""
    found = Axe().run(page).response["violations"]
    complaints = [
        f"axe {one['impact']}: {one['id']} {one['nodes'][0]['html'][:160]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]
    overflow = int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
    return [*complaints, f"{overflow} px wider than the window"] if overflow > 0 else complaints


def _answer(route: Route, slug: str, theme: str) -> None:
    path = route.request.url.removeprefix(ORIGIN).partition("?")[0]
    headers = {"Content-Security-Policy": POLICY}
    if path.startswith("/static/"):
        file = _STATIC / path.removeprefix("/static/")
        route.fulfill(body=file.read_bytes(), content_type=_TYPES[file.suffix], headers=headers)
    elif path.endswith("/body/"):
        route.fulfill(body=_MAIL, content_type="text/html; charset=utf-8")
    else:
        answer = gallery.response(slug, theme=theme)
        route.fulfill(
            status=answer.status_code, body=answer.content, content_type="text/html; charset=utf-8", headers=headers
        )
