"""The HTTP API keeps what its own description promises, whatever is sent: calls are generated from that description."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kembali.accounts import api as accounts
from kembali.config.wsgi import application
from kembali.shop import api as shop
from kembali.web.api.site import api

schema = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/v1/"))
schema.app = application
_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def token(db: None) -> Iterator[str]:
    """A key for everything. As in Django's own test client, a request does not close the test's connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    shop.set_up_shop(name="Ann's Shop", currency="GBP", time_zone="Europe/London")
    yield accounts.create_key("fuzz", is_public=False, at=timezone.now(), scopes=accounts.SCOPES)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_call_breaks_it_and_every_answer_is_as_described(case: schemathesis.Case[Any], token: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=_CHECKS)
