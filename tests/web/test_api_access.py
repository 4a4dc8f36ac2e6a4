"""Which key opens which route of the HTTP API: generated from the routes themselves, so that none is forgotten."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from ninja.operation import Operation

from kembali.accounts import api as accounts
from kembali.collect import api as collect
from kembali.shop import api as shop
from kembali.web.api.requests import Scoped, _Buckets
from kembali.web.api.site import api
from tests.web.conftest import OWNER

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class ApiRoute:
    """A way to call one operation, with ids that do not exist and bodies that say nothing."""

    method: str
    path: str
    scope: str | None

    def call(self, token: str | None) -> int:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        path = re.sub(r"\{[^}]*\}", "999999", self.path)
        answer = Client().generic(self.method, f"/api/v1{path}", b"{}", "application/json", headers=headers)
        return int(answer.status_code)


def scope_of(operation: Operation) -> str | None:
    scopes = [one.scope for one in operation.auth_callbacks if isinstance(one, Scoped)]
    return scopes[0] if scopes else None


ALL = [
    ApiRoute(method, bound.prefix.rstrip("/") + path, scope_of(operation))
    for bound in api._get_bound_routers()
    for path, view in bound.path_operations.items()
    for operation in view.operations
    for method in operation.methods
    if "rest" not in path
]


def test_every_route_needs_one_known_scope() -> None:
    assert len(ALL) > 15
    assert [one for one in ALL if one.scope not in accounts.SCOPES] == []


@pytest.mark.parametrize("route", ALL, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_opens_to_its_scope_and_to_no_other(route: ApiRoute) -> None:
    shop.set_up_shop(name="Ann's Shop", currency="GBP", time_zone="Europe/London")
    now = timezone.now()
    others = [scope for scope in accounts.SCOPES if scope != route.scope]
    fitting = accounts.create_key("fits", is_public=False, at=now, scopes=[str(route.scope)])
    lacking = accounts.create_key("lacks", is_public=False, at=now, scopes=others)
    public = accounts.create_key("site", is_public=True, at=now)
    assert route.call(None) == 401
    assert route.call("sk_never") == 401
    assert route.call(public) == 401
    assert route.call(lacking) == 403
    assert route.call(fitting) in {200, 404, 422}
    assert collect.recent_facts().facts == ()


def test_a_revoked_or_expired_key_opens_nothing() -> None:
    now = timezone.now()
    token = accounts.create_key("erp", is_public=False, at=now - timedelta(days=2), scopes=["read:orders"])
    route = ApiRoute("GET", "/orders", "read:orders")
    assert route.call(token) == 200
    key_id = accounts.list_keys()[0].id
    accounts.rotate_key(key_id, at=now - timedelta(days=1, seconds=1))
    assert route.call(token) == 401
    again = accounts.create_key("erp", is_public=False, at=now, scopes=["read:orders"])
    accounts.revoke_key(accounts.list_keys()[-1].id, at=now)
    assert route.call(again) == 401


def test_somebody_signed_in_without_a_key_is_nobody_here() -> None:
    client = Client()
    client.force_login(accounts.ensure_owner(email=OWNER, at=timezone.now()))
    assert client.get("/api/v1/orders").status_code == 401


def test_a_key_signs_nobody_in_at_the_dashboard() -> None:
    token = accounts.create_key("erp", is_public=False, at=timezone.now(), scopes=["read:orders"])
    answer = Client().get("/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 302


def test_what_is_not_there_is_a_problem_too() -> None:
    answer = Client().get("/api/v1/nothing/here")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "no_such_route"


def test_a_bucket_gives_so_much_at_once_and_fills_steadily() -> None:
    buckets = _Buckets()
    assert [buckets.wait_s(1, now=0.0) for _ in range(300)] == [0.0] * 300
    assert buckets.wait_s(1, now=0.0) == pytest.approx(0.02)
    assert buckets.wait_s(2, now=0.0) == 0.0
    assert buckets.wait_s(1, now=0.02) == 0.0
    assert buckets.wait_s(1, now=0.03) > 0.0
    assert [buckets.wait_s(1, now=1000.0) for _ in range(300)] == [0.0] * 300
    assert buckets.wait_s(1, now=1000.0) > 0.0
