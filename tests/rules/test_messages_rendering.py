"""Templates: what a person wrote about themselves never becomes markup, template code, a header or a link."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kembali.messages.errors import BadTemplate
from kembali.messages.rules.headers import message_id, one_line
from kembali.messages.rules.links import slug, tag_html, tag_text, tag_url, utm_parameters
from kembali.messages.templating.liquid import render_markup, render_plain
from kembali.messages.templating.registry import TemplateSource, list_templates, read_template, register_templates
from kembali.messages.templating.rendering import render
from kembali.messages.templating.view import Person, Surroundings, view_of

SOURCE = TemplateSource(
    subject="{{ first_name }}, a question",
    mjml=(
        "<mjml><mj-head><mj-style>.q { color: #222 }</mj-style></mj-head><mj-body><mj-section><mj-column>"
        '<mj-text css-class="q">Hello {{ first_name }}, about {{ last_product_title }}</mj-text>'
        '{% for product in products %}<mj-button href="{{ product.url }}">{{ product.title }}</mj-button>{% endfor %}'
        '<mj-text><a href="{{ unsubscribe_url }}">Stop</a> at {{ shop_name }}</mj-text>'
        "</mj-column></mj-section></mj-body></mjml>"
    ),
    text="Hello {{ first_name }}\n{% for product in products %}{{ product.url }}\n{% endfor %}{{ unsubscribe_url }}\n",
)
UTM = utm_parameters(shop="Ann's Shop", flow="win_back", version=2, step="how was it?")
BASE = "https://k.shop.example"
PLAYBOOKS = Path(__file__).parents[2] / "src/kembali/journeys/playbooks"
EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ shop_name }}{% assign a = 1 %}",
    "</mj-text><mj-raw><script>alert(1)</script></mj-raw>",
    "a < 3 & b",
    "x\r\nBcc: everybody@example.com",
    "--></style><script>",
]


def view(**changes: object) -> dict[str, object]:
    person = {"first_name": "Ann", "last_name": "Smith", "last_product_title": "Green jug", **changes}
    products = person.pop("products", [])
    return view_of(
        Person(**{name: str(value) for name, value in person.items()}),
        Surroundings(shop_name="Ann's Shop", currency="GBP", base_url=BASE, shop_url="https://shop.example"),
        unsubscribe_url=f"{BASE}/u/abc/",
        experience_url=f"{BASE}/e/abc/",
        variables={"products": products},
    )


class Tags(HTMLParser):
    """Collects what a browser would see as tags, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(markup: str) -> Tags:
    tags = Tags()
    tags.feed(markup)
    return tags


@pytest.mark.parametrize("evil", EVIL)
def test_a_value_never_becomes_markup_or_template_code(evil: str) -> None:
    plain = render(SOURCE, view(), utm=UTM, own_base_url=BASE)
    attacked = render(SOURCE, view(first_name=evil, last_product_title=evil), utm=UTM, own_base_url=BASE)
    assert parsed(attacked.html).tags == parsed(plain.html).tags
    shown = " ".join(parsed(attacked.html).text.split())
    assert shown.count(" ".join(evil.split())) == 2  # as it was written, and only as text
    assert "\n" not in attacked.subject
    assert "\r" not in attacked.subject


@settings(deadline=None)  # the first example pays for parsing the template
@given(st.text(max_size=60))
def test_any_text_at_all_stays_text(anything: str) -> None:
    plain = render(SOURCE, view(first_name="x"), utm=UTM, own_base_url=BASE)
    shown = render(SOURCE, view(first_name=anything), utm=UTM, own_base_url=BASE)
    assert parsed(shown.html).tags == parsed(plain.html).tags


def test_a_link_of_another_scheme_is_not_a_link() -> None:
    products = [
        {"title": "bad", "url": "javascript:alert(1)"},
        {"title": "bad", "url": " java\tscript:alert(1)"},
        {"title": "bad", "url": "data:text/html,<script>"},
        {"title": "good", "url": "https://shop.example/jug?size=2&utm_source=mine"},
    ]
    html = render(SOURCE, view(products=products), utm=UTM, own_base_url=BASE).html
    hrefs = re.findall(r'href="([^"]*)"', html)
    assert hrefs == [
        "#",
        "#",
        "#",
        (
            "https://shop.example/jug?size=2&amp;utm_source=mine&amp;utm_medium=email&amp;utm_campaign=win_back"
            "&amp;utm_id=win_back_v2&amp;utm_content=how_was_it"
        ),
        "https://k.shop.example/u/abc/",
    ]


def test_the_plain_text_is_plain() -> None:
    text = render(SOURCE, view(first_name="O'Brien & Söhne <3"), utm=UTM, own_base_url=BASE).text
    assert text == "Hello O'Brien & Söhne <3\nhttps://k.shop.example/u/abc/\n"


def test_an_unknown_variable_is_an_error_and_a_known_empty_one_is_not() -> None:
    with pytest.raises(BadTemplate, match="'frist_name' is undefined"):
        render_plain("{{ frist_name }}", view())
    assert render_plain("{{ last_name }}{% if nothing %}x{% endif %}", view(last_name="")) == ""


def test_a_person_without_a_name_is_greeted_all_the_same() -> None:
    greeting = "Hello {{ first_name }}{% unless has_first_name %}!{% endunless %}"
    assert render_plain(greeting, view(first_name=" ")) == "Hello there!"
    assert render_plain(greeting, view(first_name="Ann")) == "Hello Ann"


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..3000) %}x{% endfor %}",
        "{% for i in (1..90) %}{% for j in (1..90) %}x{% endfor %}{% endfor %}",
        "{% assign a = 'xxxxxxxxxxxxxxxxxxxx' %}{% for i in (1..30) %}{% assign a = a | append: a %}{% endfor %}",
        "{% include 'other' %}",
        "{% render 'other' %}",
        "{{ first_name | no_such_filter }}",
        "{% if %}",
    ],
)
def test_a_template_beyond_its_limits_is_refused(source: str) -> None:
    with pytest.raises(BadTemplate):
        render_markup(source, view())


def test_broken_mjml_is_refused_with_its_place() -> None:
    with pytest.raises(BadTemplate, match="MJML"):
        render(TemplateSource("s", "<mjml><mj-bo", "t"), view(), utm=UTM, own_base_url=BASE)
    included = "<mjml><mj-body><mj-include path='/etc/passwd' type='html' /></mj-body></mjml>"
    with pytest.raises(BadTemplate, match="MJML"):
        render(TemplateSource("s", included, "t"), view(), utm=UTM, own_base_url=BASE)


def test_money_is_shown_in_the_shops_currency() -> None:
    assert render_plain("{{ 104500 | money }} {{ 5 | money_with_currency }}", view()) == "£1,045.00 £0.05 GBP"
    assert render_plain("{{ 1500 | money }}", {"currency": "JPY"}) == "¥1,500"
    assert render_plain("{{ -250 | money }}", {"currency": "CHF"}) == "-2.50 CHF"
    assert render_plain("{{ 250 | money_with_currency }}", {"currency": "CHF"}) == "2.50 CHF"


def test_templates_are_found_by_namespace_and_nothing_else_is(tmp_path: Path) -> None:
    folder = tmp_path / "hello"
    folder.mkdir()
    for name, text in (("subject.liquid", "Hi"), ("body.mjml", "<mjml/>"), ("body.txt", "Hi")):
        (folder / name).write_text(text, encoding="utf-8")
    (tmp_path / "secret").mkdir()
    register_templates("tests", tmp_path)
    assert read_template("tests/hello") == TemplateSource("Hi", "<mjml/>", "Hi")
    assert "tests/hello" in list_templates()
    for name in ("tests/../hello", "tests/", "other/hello", "hello", "tests/secret"):
        with pytest.raises(BadTemplate):
            read_template(name)


def test_campaign_parameters_are_added_and_never_overridden() -> None:
    assert tag_url("https://a.example/x?q=1#top", {"utm_source": "s"}, own_base_url=BASE) == (
        "https://a.example/x?q=1&utm_source=s#top"
    )
    assert tag_url("https://a.example/?UTM_Source=mine", {"utm_source": "s"}, own_base_url=BASE) == (
        "https://a.example/?UTM_Source=mine"
    )
    assert tag_url(f"{BASE}/u/x/", UTM, own_base_url=BASE) == f"{BASE}/u/x/"
    assert tag_url("mailto:a@b.example", UTM, own_base_url=BASE) == "mailto:a@b.example"
    assert tag_text("See https://a.example/x.", {"utm_source": "s"}, own_base_url=BASE) == (
        "See https://a.example/x?utm_source=s."
    )
    assert tag_html("<a href='https://a.example/'>x</a>", {"utm_source": "s"}, own_base_url=BASE) == (
        '<a href="https://a.example/?utm_source=s">x</a>'
    )
    assert slug("Ann's Shop · Ünï") == "ann_s_shop_n"
    assert UTM["utm_source"] == "ann_s_shop"


def test_a_header_value_is_one_line_of_visible_characters() -> None:
    assert one_line("Hello\r\nBcc: x@example.com\u2028\x00 you") == "Hello Bcc: x@example.com you"
    assert one_line("x" * 300) == "x" * 199 + "…"


def test_a_message_id_is_the_same_at_every_attempt() -> None:
    assert message_id("a:1", "shop.example") == message_id("a:1", "shop.example")
    assert message_id("a:1", "shop.example") != message_id("a:2", "shop.example")


@pytest.mark.parametrize("folder", sorted(PLAYBOOKS.glob("*/templates/*")), ids=lambda folder: folder.name)
@pytest.mark.parametrize("known", [True, False])
def test_every_shipped_template_renders_for_people_known_and_unknown(folder: Path, known: bool) -> None:
    source = TemplateSource(
        *((folder / name).read_text(encoding="utf-8") for name in ("subject.liquid", "body.mjml", "body.txt"))
    )
    values = (
        view(first_name="Ann", last_product_title="Green jug") if known else view(first_name="", last_product_title="")
    )
    mail = render(source, values, utm=UTM, own_base_url=BASE)
    assert ("Ann" in mail.subject) == known
    assert not re.search(r"there\b(?! is)| ,|“”|\{\{|\{%", mail.subject + mail.text.split("\n", maxsplit=1)[0])
    assert f"{BASE}/u/abc/" in mail.html
    assert f"{BASE}/u/abc/" in mail.text
