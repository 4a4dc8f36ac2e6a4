"""What browsers load before their first event: scripts, and the settings other vendors' SDKs start with."""

import asyncio
import gzip
import json
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection

from kembali.accounts import api as accounts
from kembali.edge.booting import Booting
from kembali.edge.http import Answer, Handler, Scope
from kembali.edge.keyring import KeyRing
from kembali.storefront.door import LOADER, MODULE

AT = datetime(2032, 3, 1, 12, tzinfo=UTC)
NOBODY = "host=127.0.0.1 port=1 dbname=nothing"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def booting() -> Booting:
    parameters = connection.get_connection_params()
    named = {name: parameters[name] for name in ("dbname", "user", "host", "port") if parameters.get(name)}
    return Booting(KeyRing(psycopg.conninfo.make_conninfo(**named)))


def ask(booting: Booting, path: str, *, query: str = "", method: str = "GET", **headers: str) -> Answer:
    scope: Scope = {
        "path": path,
        "method": method,
        "scheme": "http",
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    below = next((methods for start, methods in booting.routes_below.items() if path.startswith(start)), {})
    return asyncio.run(_call(booting.routes.get(path, below)[method], scope))


async def _call(handler: Handler, scope: Scope) -> Answer:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    return await handler(scope, receive)


def public_key() -> str:
    return accounts.create_key("site", is_public=True, at=AT)


def test_segments_sdk_learns_to_send_here_and_to_report_to_nobody(booting: Booting) -> None:
    key = public_key()
    answer = ask(booting, f"/v1/projects/{key}/settings", host="events.shop.example:9101")
    settings = json.loads(answer.body)
    assert answer.status == 200
    assert settings["integrations"] == {
        "Segment.io": {"apiKey": key, "apiHost": "events.shop.example:9101/v1", "protocol": "http"}
    }
    assert settings["metrics"] == {"sampleRate": 0}
    assert dict(answer.headers)[b"cache-control"] == b"private, max-age=300"


@pytest.mark.parametrize(
    "said", [{"x_forwarded_proto": "https"}, {"origin": "https://shop.example"}], ids=["proxy", "page"]
)
def test_a_safe_page_is_sent_to_a_safe_address(booting: Booting, said: dict[str, str]) -> None:
    answer = ask(booting, f"/v1/projects/{public_key()}/settings", host="events.shop.example", **said)
    assert json.loads(answer.body)["integrations"]["Segment.io"]["protocol"] == "https"


def test_rudderstacks_sdk_learns_that_there_are_no_destinations(booting: Booting) -> None:
    key = public_key()
    source = json.loads(ask(booting, "/sourceConfig/", query=f"p=npm&v=3.34.1&writeKey={key}").body)["source"]
    assert (source["writeKey"], source["enabled"], source["destinations"]) == (key, True, [])
    assert not any(one["enabled"] for one in source["config"]["statsCollection"].values())


def test_an_unknown_and_a_secret_key_are_told_apart_and_start_nothing(booting: Booting) -> None:
    secret = accounts.create_key("server", is_public=False, at=AT)
    for key, error in (("pk_mistyped", "unknown_key"), (secret, "secret_key")):
        asked = [
            ask(booting, f"/v1/projects/{key}/settings"),
            ask(booting, f"/analytics.js/v1/{key}/analytics.min.js"),
            ask(booting, "/sourceConfig/", query=f"writeKey={key}"),
        ]
        assert [(one.status, json.loads(one.body)["error"]) for one in asked] == [(404, error)] * 3
        assert {dict(one.headers)[b"cache-control"] for one in asked} == {b"no-store"}


def test_without_a_database_pages_still_get_what_they_need_to_keep_events() -> None:
    booting = Booting(KeyRing(NOBODY))
    asked = [ask(booting, path) for path in ("/analytics.js/v1/pk_1/analytics.min.js", "/v1/projects/pk_1/settings")]
    assert [one.status for one in asked] == [200, 200]


def test_a_script_comes_packed_and_not_again_while_it_is_the_same(booting: Booting) -> None:
    packed = ask(booting, "/kembali.mjs", accept_encoding="gzip, br")
    headers = dict(packed.headers)
    assert gzip.decompress(packed.body) == MODULE.plain == ask(booting, "/kembali.mjs").body
    assert (headers[b"content-encoding"], headers[b"vary"]) == (b"gzip", b"accept-encoding")
    again = ask(booting, "/kembali.mjs", if_none_match=headers[b"etag"].decode())
    assert (again.status, again.body) == (304, b"")
    assert ask(booting, f"/analytics.js/v1/{public_key()}/analytics.min.js").body == LOADER.plain


def test_browsers_may_ask_from_any_page_and_metrics_go_nowhere(booting: Booting) -> None:
    preflight = ask(booting, "/sourceConfig/", method="OPTIONS")
    allowed = dict(preflight.headers)[b"access-control-allow-headers"].decode().split(", ")
    assert (preflight.status, {"authorization", "anonymousid", "sentat"} <= set(allowed)) == (204, True)
    assert ask(booting, "/v1/m", method="POST").status == 200
    assert "POST" not in booting.routes["/kembali.js"]
