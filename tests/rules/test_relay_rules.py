"""How a webhook is signed, what an answer means, and when the next attempt is due."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from kembali.relay.contracts import Outcome
from kembali.relay.rules import (
    is_hopeless,
    key_of,
    message_id_of,
    rest_after,
    secret_of,
    signature_headers,
    verdict_of,
    wait_after,
)

OLD, NEW = secret_of(b"o" * 32), secret_of(b"n" * 32)
AT = datetime(2026, 11, 1, tzinfo=UTC)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3))
def test_either_secret_is_enough_to_check_a_message(content: dict[str, str]) -> None:
    body = json.dumps(content).encode()
    now = int(datetime.now(UTC).timestamp())
    headers = signature_headers("msg_1_2", now, body, [NEW, OLD])
    for secret in (NEW, OLD):
        assert Webhook(secret).verify(body, headers) == content
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_of(b"x" * 32)).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(body + b" ", headers)


def test_a_secret_is_its_bytes_in_base64_after_a_prefix() -> None:
    assert NEW.startswith("whsec_")
    assert key_of(NEW) == b"n" * 32


def test_a_delivery_has_one_name_for_ever() -> None:
    assert message_id_of(3, 141) == "msg_3_141"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, "delivered"),
        (204, "delivered"),
        (299, "delivered"),
        (301, "refused"),
        (304, "refused"),
        (400, "refused"),
        (404, "refused"),
        (408, "down"),
        (410, "gone"),
        (429, "down"),
        (500, "down"),
        (503, "down"),
        (None, "down"),
    ],
)
def test_what_an_answer_means(status: int | None, verdict: str) -> None:
    assert verdict_of(Outcome(status, "", "", 1)) == verdict


def test_attempts_go_on_for_three_days_at_growing_distances() -> None:
    waits = [wait_after(count, 7) for count in range(1, 10)]
    assert wait_after(10, 7) is None
    known = [one for one in waits if one is not None]
    assert len(known) == 9
    assert timedelta(seconds=4) <= known[0] <= timedelta(seconds=6)
    assert all(earlier < later for earlier, later in pairwise(known[:8]))
    assert timedelta(days=2.4) < sum(known, timedelta()) < timedelta(days=3.6)


def test_deliveries_that_failed_together_do_not_come_back_together() -> None:
    waits = {wait_after(3, delivery_id) for delivery_id in range(100)}
    assert len(waits) == 100
    assert all(one and timedelta(minutes=4) <= one <= timedelta(minutes=6) for one in waits)


def test_an_endpoint_that_is_down_rests_longer_and_longer_and_as_long_as_it_asks() -> None:
    assert [rest_after(count, None).total_seconds() for count in (1, 2, 3, 7, 1000)] == [5, 10, 20, 300, 300]
    assert rest_after(1, 90) == timedelta(seconds=90)
    assert rest_after(1, 0) == timedelta(seconds=5)
    assert rest_after(1, 10**8) == timedelta(hours=1)


def test_after_five_days_without_success_nobody_seems_to_mind() -> None:
    assert not is_hopeless(None, AT)
    assert not is_hopeless(AT - timedelta(days=4, hours=23), AT)
    assert is_hopeless(AT - timedelta(days=5), AT)
