"""Who gets in: every route by default closed, links that sign in once, forms that carry their token."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from kembali.accounts import api as accounts
from kembali.shop import api as shop
from kembali.web.routes import ROUTES, Route
from kembali.web.urls import VIEWS
from tests.web.conftest import sign_in_path

pytestmark = pytest.mark.django_db

_ARGUMENTS: dict[str, dict[str, object]] = {
    "person": {"customer_id": 1},
    "person-merge": {"customer_id": 1},
    "person-take-out": {"customer_id": 1},
    "segment": {"key": "idle_loyal"},
    "journey": {"key": "win_back"},
    "journey-publish": {"key": "win_back"},
    "journey-pause": {"key": "win_back"},
    "journey-step": {"key": "win_back", "step": "morning"},
    "proof": {"key": "win_back"},
    "import-plan": {"token": "a" * 32},
    "import-mapping": {"token": "a" * 32},
    "import-rejects": {"import_id": 1},
    "import-replay": {"import_id": 1},
    "import-progress": {"token": "a" * 32},
    "debugger-fact": {"seq": 1},
    "connect": {"platform": "shopify"},
    "connection": {"name": "shopify"},
    "connection-act": {"name": "shopify"},
    "webhook": {"endpoint_id": 1},
    "webhook-delivery": {"delivery_id": 1},
    "message": {"message_id": 1},
    "message-body": {"message_id": 1},
    "sign-in-link": {"token": "t"},
    "unsubscribe": {"token": "t"},
    "experience": {"token": "t"},
}
PUBLIC = {"sign-in", "sign-in-link", "unsubscribe", "experience", "alive"}
EMPTY_STATUS = {
    "person": 404,
    "person-merge": 404,
    "doubles": 422,
    "demands": 404,
    "person-take-out": 404,
    "segment": 404,
    "journey-pause": 404,
    "journey-step": 404,
    "proof": 404,
    "import-plan": 404,
    "import-mapping": 404,
    "import-rejects": 404,
    "import-replay": 404,
    "import-progress": 404,
    "import-confirm": 404,
    "debugger-fact": 404,
    "connection": 404,
    "connection-act": 404,
    "webhook": 404,
    "webhook-delivery": 404,
    "message": 404,
    "message-body": 404,
    "sign-in-link": 302,
    "unsubscribe": 404,
    "experience": 404,
    "sign-in": 302,
    "sign-out": 302,
    "journey-publish": 422,
}


def path_of(route: Route) -> str:
    return reverse(f"web:{route.name}", kwargs=_ARGUMENTS.get(route.name))


def test_every_route_has_a_view_and_nothing_else_has_one() -> None:
    assert {route.name for route in ROUTES} == set(VIEWS)
    assert len({route.path for route in ROUTES}) == len(ROUTES)


def test_only_these_routes_are_public() -> None:
    assert {route.name for route in ROUTES if route.public} == PUBLIC


@pytest.mark.parametrize("route", [r for r in ROUTES if not r.public], ids=lambda r: r.name)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_signed_out_every_other_route_leads_to_the_sign_in(route: Route, method: str) -> None:
    answer = Client().generic(method, path_of(route))
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/"


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.name)
def test_signed_in_every_route_answers_even_in_an_empty_shop(route: Route, signed_in: Client) -> None:
    answer = signed_in.generic("GET" if "GET" in route.methods else "POST", path_of(route))
    assert answer.status_code == EMPTY_STATUS.get(route.name, 200)


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.name)
def test_a_route_answers_only_to_its_methods(route: Route, signed_in: Client) -> None:
    for method in {"GET", "POST", "PUT", "DELETE"} - set(route.methods):
        assert signed_in.generic(method, path_of(route)).status_code == 405


def test_a_partial_request_of_somebody_signed_out_is_sent_to_the_sign_in_as_a_whole() -> None:
    answer = Client().get("/people/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/sign-in/")


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if "POST" in r.methods and r.name != "sign-out"], ids=lambda r: r.name
)
def test_a_viewer_changes_nothing(route: Route, owner: accounts.Staff) -> None:
    accounts.Staff.objects.filter(pk=owner.pk).update(role="viewer")
    client = Client()
    client.force_login(owner)
    if not route.public:
        assert client.post(path_of(route)).status_code == 403


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if "POST" in r.methods and r.name != "unsubscribe"], ids=lambda r: r.name
)
def test_a_form_without_its_token_is_refused(route: Route, owner: accounts.Staff) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert client.post(path_of(route)).status_code == 403


def test_following_a_link_uses_nothing_up_and_the_button_signs_in(owner: accounts.Staff) -> None:
    path, client = sign_in_path(), Client()
    for _ in range(3):
        assert b"Sign in" in client.get(path).content
    assert "_auth_user_id" not in client.session
    before = client.session.session_key
    answer = client.post(path)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    assert client.session.session_key != before


def test_a_link_signs_in_once(owner: accounts.Staff) -> None:
    path = sign_in_path()
    assert Client().post(path).status_code == 302
    second = Client()
    answer = second.post(path)
    assert answer.status_code == 410
    assert b"used already" in answer.content
    assert "_auth_user_id" not in second.session
    assert second.get(path).status_code == 410


def test_an_old_link_signs_nobody_in(owner: accounts.Staff) -> None:
    path, client = sign_in_path(age=timedelta(minutes=16)), Client()
    assert b"expired" in client.get(path).content
    assert client.post(path).status_code == 410
    assert client.get("/")["Location"] == "/sign-in/"


def test_a_link_never_made_tells_nothing(db: None) -> None:
    assert Client().get("/sign-in/nothing/").status_code == 410
    assert Client().post("/sign-in/nothing/").status_code == 410


def test_a_link_holds_by_the_wall_clock_whatever_the_shops_own_time(owner: accounts.Staff) -> None:
    shop.set_up_shop(name="Ann", currency="GBP", time_zone="Europe/London")
    shop.set_clock_offset(timedelta(days=400))
    assert Client().post(sign_in_path()).status_code == 302


def test_signing_out_ends_the_session(signed_in: Client) -> None:
    assert signed_in.post("/sign-out/")["Location"] == "/sign-in/"
    assert signed_in.get("/")["Location"] == "/sign-in/"


def test_somebody_deactivated_is_out_at_once(signed_in: Client, owner: accounts.Staff) -> None:
    accounts.Staff.objects.filter(pk=owner.pk).update(is_active=False)
    assert signed_in.get("/")["Location"] == "/sign-in/"


def test_the_process_says_that_it_lives_without_a_sign_in(db: None) -> None:
    answer = Client().get("/health")
    assert (answer.status_code, answer.json()) == (200, {"web": "ok", "database": "ok"})


def test_no_page_allows_scripts_from_elsewhere(signed_in: Client) -> None:
    policy = signed_in.get("/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
