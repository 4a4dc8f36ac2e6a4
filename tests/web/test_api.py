"""What programs get from the HTTP API, and what becomes of what they say."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from kembali.accounts import api as accounts
from kembali.accounts.models import Request
from kembali.collect import api as collect
from kembali.config import wiring
from kembali.shop import api as shop
from kembali.web.api import requests

committed = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.django_db
ORDER: dict[str, Any] = {
    "order_ref": "A-1",
    "status": "paid",
    "placed_at": "2026-11-20T10:00:00+01:00",
    "currency": "GBP",
    "total_minor": 2500,
    "customer": {"email": "ann@example.com", "first_name": "Ann"},
    "lines": [{"sku": "TEA-1", "title": "Tea", "quantity": 2, "unit_price": "12.50", "total_minor": 2500}],
    "updated_at": "2026-11-20T09:30:00Z",
}


class Program:
    """A program with a key."""

    def __init__(self, *scopes: str) -> None:
        self.token = accounts.create_key("erp", is_public=False, at=timezone.now(), scopes=scopes or accounts.SCOPES)

    def get(self, path: str, **query: Any) -> Any:
        return Client().get(f"/api/v1{path}", query, headers={"Authorization": f"Bearer {self.token}"})

    def post(self, path: str, body: object, *, once: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **({"Idempotency-Key": once} if once else {})}
        return Client().post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def program(db: None) -> Program:
    shop.set_up_shop(name="Ann's Shop", currency="GBP", time_zone="Europe/London")
    return Program()


def fold() -> None:
    """Hand the shop what is in the log, as its consumer does, within the test's transaction."""
    facts = sorted(collect.recent_facts(limit=1000).facts, key=lambda one: one.seq)
    shop.PROJECTION.handle([one for one in facts if one.kind in shop.PROJECTION.kinds], timezone.now())


def walked(program: Program, path: str, **query: Any) -> list[list[int]]:
    """The ids of each page, to the last."""
    pages, cursor = [], None
    while True:
        answer = program.get(path, **query, **({"cursor": cursor} if cursor else {})).json()
        pages.append([one["id"] for one in answer["data"]])
        cursor = answer["next_cursor"]
        if cursor is None:
            return pages


def test_an_order_that_is_said_is_an_order_that_is_listed(program: Program) -> None:
    said = program.post("/orders", ORDER)
    assert said.status_code == 202
    assert said.json()["is_new"] is True
    again = program.post("/orders", ORDER)
    assert again.status_code == 200
    assert again.json() == {**said.json(), "is_new": False}
    fold()
    (order,) = program.get("/orders").json()["data"]
    (customer,) = program.get("/customers").json()["data"]
    assert order == {
        "id": order["id"],
        "source": "api:erp",
        "order_ref": "A-1",
        "customer_id": customer["id"],
        "type": "order",
        "status": "paid",
        "placed_at": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-20T09:30:00Z",
        "currency": "GBP",
        "total_minor": 2500,
        "discount_minor": None,
        "shipping_minor": None,
        "tax_minor": None,
        "refunded_minor": None,
        "net_minor": 2500,
        "lines": [
            {
                "product_id": order["lines"][0]["product_id"],
                "sku": "TEA-1",
                "title": "Tea",
                "quantity": 2,
                "unit_price": "12.5",
                "total_minor": 2500,
            }
        ],
    }
    assert program.get(f"/orders/{order['id']}").json() == order
    assert (customer["first_name"], customer["order_count"], customer["net_minor"]) == ("Ann", 1, 2500)
    assert customer["identifiers"] == [{"kind": "email", "value": "ann@example.com"}]
    product = program.get(f"/products/{order['lines'][0]['product_id']}").json()
    assert (product["sku"], product["title"]) == ("TEA-1", "Tea")


def test_a_later_version_of_an_order_counts_whatever_comes_last(program: Program) -> None:
    program.post("/orders", {**ORDER, "status": "refunded", "updated_at": "2026-11-21T00:00:00Z"})
    program.post("/orders", ORDER)
    fold()
    (order,) = program.get("/orders").json()["data"]
    assert order["status"] == "refunded"


def test_what_is_said_without_a_date_may_be_said_again_after_something_else(program: Program) -> None:
    undated = {name: value for name, value in ORDER.items() if name != "updated_at"}
    for status in ("paid", "cancelled", "paid"):
        assert program.post("/orders", {**undated, "status": status}).status_code == 202
    fold()
    assert program.get("/orders").json()["data"][0]["status"] == "paid"


def test_a_customer_is_found_by_what_they_are_known_by(program: Program) -> None:
    body = {"customer_ref": "77", "email": "Ann@Example.com", "first_name": "Ann", "city": "York"}
    assert program.post("/customers", body).status_code == 202
    fold()
    (found,) = program.get("/customers", email="ann@example.com").json()["data"]
    assert (found["first_name"], found["city"]) == ("Ann", "York")
    assert program.get("/customers", customer_ref="77").json()["data"] == [found]
    assert program.get("/customers", customer_ref="78").json()["data"] == []
    assert program.get(f"/customers/{found['id']}").json() == found
    nobody = program.post("/customers", {"first_name": "Ann"})
    assert (nobody.status_code, nobody.json()["code"]) == (422, "nobody_named")


def test_lists_are_walked_without_gap_or_repetition_while_rows_are_added(program: Program) -> None:
    for number in range(5):
        program.post("/orders", {**ORDER, "order_ref": f"A-{number}"})
    fold()
    first = program.get("/orders", limit=2).json()
    program.post("/orders", {**ORDER, "order_ref": "B"})
    fold()
    second = program.get("/orders", limit=2, cursor=first["next_cursor"]).json()
    third = program.get("/orders", limit=2, cursor=second["next_cursor"]).json()
    refs = [one["order_ref"] for page in (first, second, third) for one in page["data"]]
    assert sorted(refs) == ["A-0", "A-1", "A-2", "A-3", "A-4", "B"]
    assert third["next_cursor"] is None
    assert [len(page) for page in walked(program, "/customers", limit=1)] == [1]
    assert [len(page) for page in walked(program, "/orders", limit=4)] == [4, 2]


def test_a_list_tells_only_what_changed_since(program: Program) -> None:
    program.post("/orders", ORDER)
    program.post("/orders", {**ORDER, "order_ref": "late", "updated_at": "2026-11-25T00:00:00Z"})
    program.post("/customers", {"customer_ref": "1", "email": "new@example.com", "updated_at": "2026-11-26T00:00:00Z"})
    fold()
    orders = program.get("/orders", updated_since="2026-11-25T00:00:00Z").json()
    assert [one["order_ref"] for one in orders["data"]] == ["late"]
    assert orders["next_cursor"] is None
    people = program.get("/customers", updated_since="2026-11-26T00:00:00Z").json()["data"]
    assert [one["email"] for one in people] == ["new@example.com"]
    assert program.get("/products", updated_since="2026-11-27T00:00:00Z").json()["data"] == []


def test_a_sparse_walk_looks_at_a_bounded_number_of_people_and_goes_on(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kembali.shop.queries.customers.REACH", 2)
    for number in range(4):
        program.post("/customers", {"customer_ref": f"c-{number}", "updated_at": "2026-11-01T00:00:00Z"})
    program.post("/customers", {"email": "late@example.com", "updated_at": "2026-11-25T00:00:00Z"})
    fold()
    assert [len(page) for page in walked(program, "/customers", updated_since="2026-11-25T00:00:00Z")] == [0, 0, 1]


@committed
def test_the_log_is_a_feed_that_skips_nothing_and_goes_on_later(transactional_db: None) -> None:
    shop.set_up_shop(name="Ann's Shop", currency="GBP", time_zone="Europe/London")
    program = Program()
    program.post("/facts", facts_of(range(3)))
    page = program.get("/facts", limit=2).json()
    assert [one["payload"]["number"] for one in page["data"]] == [0, 1]
    assert page["has_more"] is True
    page = program.get("/facts", limit=2, cursor=page["next_cursor"]).json()
    assert [one["payload"]["number"] for one in page["data"]] == [2]
    assert page["has_more"] is False
    program.post("/facts", facts_of([7]))
    program.post("/facts", facts_of([8], kind="custom.other"))
    later = program.get("/facts", cursor=page["next_cursor"]).json()
    assert [one["payload"]["number"] for one in later["data"]] == [7, 8]
    other = program.get("/facts", kind="custom.other", cursor=page["next_cursor"]).json()
    assert [one["payload"]["number"] for one in other["data"]] == [8]
    assert program.get("/facts", cursor=other["next_cursor"], kind="custom.other").json()["data"] == []
    wiring.fold(timezone.now())
    one = program.get(f"/facts/{later['data'][0]['id']}").json()
    assert one["source"] == "api:erp"
    assert one["identifiers"] == {"email": "ann@example.com"}


def facts_of(numbers: Sequence[int] | range, kind: str = "custom.visited") -> dict[str, Any]:
    return {
        "facts": [
            {
                "kind": kind,
                "message_id": f"v{number}",
                "occurred_at": "2026-11-20T10:00:00Z",
                "identifiers": {"email": "ann@example.com"},
                "payload": {"number": number},
            }
            for number in numbers
        ]
    }


def test_facts_are_recorded_all_or_none_and_once(program: Program) -> None:
    first = program.post("/facts", facts_of([1, 2]))
    assert first.status_code == 202
    second = program.post("/facts", facts_of([2, 3]))
    assert [one["is_new"] for one in second.json()["facts"]] == [False, True]
    assert program.post("/facts", facts_of([1, 2])).status_code == 200
    broken = facts_of([4])
    broken["facts"] += facts_of([5], kind="customer.merged")["facts"]
    refused = program.post("/facts", broken)
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_fact")
    assert len(collect.recent_facts().facts) == 3


@pytest.mark.parametrize(
    "kind",
    ["customer.merged", "segment.entered", "message.sent", "webhook.disabled", "tracking.track", "consent.given"],
)
def test_what_kembali_concludes_nobody_else_may_say(program: Program, kind: str) -> None:
    assert program.post("/facts", facts_of([1], kind=kind)).status_code == 422
    assert collect.recent_facts().facts == ()


def test_a_known_kind_is_held_to_its_shape(program: Program) -> None:
    fact = {"kind": "consent.stated", "occurred_at": "2026-11-20T10:00:00Z", "identifiers": {"email": "a@b.example"}}
    good = {**fact, "payload": {"channel": "email", "state": "given", "basis": "opt_in", "wording": "Yes please"}}
    bad = {**fact, "payload": {"channel": "pigeon", "state": "given", "basis": "opt_in"}}
    assert program.post("/facts", {"facts": [good]}).status_code == 202
    refused = program.post("/facts", {"facts": [bad]}).json()
    assert "pigeon" in refused["detail"] or "channel" in refused["detail"]


def test_under_an_idempotency_key_a_request_is_done_once_and_answered_the_same(program: Program) -> None:
    undated = {name: value for name, value in ORDER.items() if name != "updated_at"}
    first = program.post("/orders", undated, once="k1")
    second = program.post("/orders", undated, once="k1")
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert len(collect.recent_facts().facts) == 1
    other = program.post("/orders", {**undated, "total_minor": 1}, once="k1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len(collect.recent_facts().facts) == 1
    assert Program().post("/orders", {**undated, "order_ref": "x"}, once="k1").status_code == 202
    assert program.post("/orders", undated, once="k" * 201).json()["code"] == "bad_idempotency_key"


def test_a_request_that_failed_is_not_remembered(program: Program) -> None:
    assert program.post("/customers", {"first_name": "Ann"}, once="k").status_code == 422
    assert program.post("/customers", {"email": "ann@example.com"}, once="k").status_code == 202


def test_a_remembered_answer_is_sealed_and_forgotten_after_a_day(program: Program) -> None:
    made = program.post("/webhooks", {"url": "https://example.invalid/"}, once="k")
    assert made.status_code == 503  # its name cannot be found; nothing was made
    program.post("/orders", ORDER, once="k")
    assert "message_id" not in Request.objects.get().answer_sealed
    made_at = Request.objects.get().made_at
    assert accounts.forget_requests(at=made_at + accounts_day() * 0.9) == 0
    assert accounts.forget_requests(at=made_at + accounts_day()) == 1


def accounts_day() -> Any:
    from kembali.accounts.requests import KEPT

    return KEPT


@committed
def test_eight_at_once_under_one_idempotency_key_do_it_once(transactional_db: None) -> None:
    shop.set_up_shop(name="Ann's Shop", currency="GBP", time_zone="Europe/London")
    program = Program()
    undated = {name: value for name, value in ORDER.items() if name != "updated_at"}

    def ask(_: int) -> bytes:
        try:
            answer: bytes = program.post("/orders", undated, once="k").content
            return answer
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(8)))
    assert len(answers) == 1
    assert len(collect.recent_facts().facts) == 1


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({**ORDER, "currency": "pounds"}, "currency"),
        ({**ORDER, "total_minor": 12.5}, "total_minor"),
        ({**ORDER, "placed_at": "2026-11-20T10:00:00"}, "placed_at"),
        ({**ORDER, "placed_at": "0001-01-01T00:00:00Z"}, "placed_at"),
        ({**ORDER, "order_ref": "a\x00b"}, "order_ref"),
        ({**ORDER, "totl_minor": 1}, "totl_minor"),
        ({name: value for name, value in ORDER.items() if name != "lines"}, "lines"),
    ],
)
def test_a_wrong_body_is_told_where_it_is_wrong_and_changes_nothing(
    program: Program, body: dict[str, Any], where: str
) -> None:
    answer = program.post("/orders", body)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (422, "not_valid")
    assert any(one["where"].endswith(where) for one in problem["errors"])
    assert collect.recent_facts().facts == ()


def test_a_body_that_is_no_json_or_too_large_is_refused(program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.token}"}
    for body, status in ((b"{", 400), (b"[" * 100_000, 400), (b'"' + b"x" * 500_000 + b'"', 413)):
        answer = Client().post("/api/v1/orders", body, content_type="application/json", headers=headers)
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"
    nul = program.post("/facts", {"facts": [{**facts_of([1])["facts"][0], "payload": {"a": "\x00"}}]})
    assert (nul.status_code, nul.json()["code"]) == (422, "bad_fact")


def test_a_cursor_of_another_list_or_a_made_up_one_is_refused(program: Program) -> None:
    for number in range(2):
        program.post("/orders", {**ORDER, "order_ref": f"A-{number}"})
    fold()
    cursor = program.get("/orders", limit=1).json()["next_cursor"]
    for path, asked in (
        ("/products", cursor),
        ("/orders", "nonsense"),
        ("/orders", "b3JkZXJzOng"),
        ("/facts", "ZmFjdHM6MQ"),
    ):
        answer = program.get(path, cursor=asked)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


def test_a_key_that_asks_too_much_is_told_when_to_come_back(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "_BUCKETS", requests._Buckets())
    monkeypatch.setattr(requests, "BURST", 2.0)
    monkeypatch.setattr(requests, "RATE_PER_S", 0.1)
    assert [program.get("/orders").status_code for _ in range(3)] == [200, 200, 429]
    answer = program.get("/orders")
    assert answer.json()["code"] == "too_many_requests"
    assert 9 <= int(answer["Retry-After"]) <= 11
    assert Program().get("/orders").status_code == 200


def test_an_endpoint_inside_the_network_is_refused(program: Program) -> None:
    answer = program.post("/webhooks", {"url": "https://169.254.169.254/latest"})
    assert (answer.status_code, answer.json()["code"]) == (422, "address_refused")
    assert program.get("/webhooks").json() == {"data": []}


def test_the_description_is_openapi_and_names_the_scopes(program: Program) -> None:
    found = Client().get("/api/v1/openapi.json").json()
    assert found["openapi"] == "3.1.0"
    assert found["paths"]["/api/v1/orders"]["post"]["x-scope"] == "write:orders"
