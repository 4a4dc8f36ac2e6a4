"""Every page, full or empty, is whole HTML that the content policy allows, and its numbers can be taken away."""

import re
from dataclasses import replace

import pytest
from django.test import RequestFactory

from kembali.web.pages import home, people, proof
from kembali.web.pages.base import chart_csv
from kembali.web.pages.parts import Point
from tests.web import gallery
from tests.web.samples import front, work
from tests.web.samples.common import d, line


@pytest.mark.parametrize("slug", gallery.PAGES)
def test_a_page_needs_no_inline_style_or_script_and_has_one_heading(slug: str) -> None:
    html = gallery.response(slug).content.decode()
    assert html.count("<h1") == 1
    assert not re.search(r"<[^>]+\sstyle=", html)
    assert not re.search(r"<[^>]+\son[a-z]+=", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert "{{" not in html
    assert "{%" not in html
    assert not re.search(r"\bNone\b", re.sub(r"<[^>]+>", "", html))


@pytest.mark.parametrize(
    ("slug", "status"),
    [("home", 200), ("sign-in-expired", 410), ("error", 409), ("unsubscribe-bad-link", 404), ("import-error", 422)],
)
def test_a_page_answers_with_its_own_status(slug: str, status: int) -> None:
    assert gallery.response(slug).status_code == status


def test_what_customers_wrote_is_shown_as_text() -> None:
    page = replace(front.PEOPLE_PAGE, query='"><script>alert(1)</script>')
    with gallery.addresses():
        html = people.render(RequestFactory().get("/"), page).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_theme_comes_from_the_cookie_and_only_known_ones_are_written() -> None:
    assert b'data-theme="dark"' in gallery.response("home", theme="dark").content
    assert b"data-theme=" not in gallery.response("home", theme='"><b>').content.partition(b"<body>")[0]


def test_an_asked_for_chart_is_given_as_csv() -> None:
    answer = home.render(RequestFactory().get("/", {"csv": "repeat-90"}), front.HOME)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert lines[0] == "label,value,low,high"
    assert lines[1] == "Dec 2025,0.2240,0.2100,0.2380"
    assert len(lines) == 13


def test_an_unknown_chart_name_gives_the_page() -> None:
    with gallery.addresses():
        answer = proof.render_one(RequestFactory().get("/", {"csv": "nothing"}), work.PROOF)
    assert b"<h1>" in answer.content


def test_no_spreadsheet_takes_a_label_for_a_formula() -> None:
    chart = line("k", "Title", "count", start=1, step=1, width=0)
    answer = chart_csv(replace(chart, points=(Point("=cmd()", d("1")),)))
    assert answer.content.decode().splitlines()[1] == "'=cmd(),1,,"


def test_too_little_data_never_shows_an_estimate() -> None:
    html = gallery.response("proof-unsure").content.decode()
    assert "not enough data yet" in html
    assert "+6.2" not in html


def test_asking_to_unsubscribe_shows_a_form_that_posts() -> None:
    assert b'<form method="post"' in gallery.response("unsubscribe").content
    assert b"<form" not in gallery.response("unsubscribed").content
