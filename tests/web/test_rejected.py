"""What was not understood can be looked at and read again; what could not be handled is handed over again."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client

from kembali.accounts import api as accounts
from kembali.collect import api as collect
from kembali.collect.models import Fact, ParkedFact, RejectedEvent
from kembali.config import wiring
from kembali.shop import api as shop
from tests.makers.orders import START, order_fact

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
PATH = "/settings/rejected/"


@pytest.fixture
def client_in(signed_in: Client) -> Client:
    shop.set_up_shop(name="Shop", currency="GBP", time_zone="Europe/London")
    return signed_in


def reject(raw: bytes, *, reason_code: str = "nobody", is_cut: bool = False) -> RejectedEvent:
    return RejectedEvent.objects.create(
        source="public:site",
        call="tracking.track",
        is_trusted=False,
        reason_code=reason_code,
        reason="It has neither userId nor anonymousId.",
        raw=raw,
        is_cut=is_cut,
        received_at=AT,
    )


def test_chosen_events_are_read_again_and_the_result_is_told(client_in: Client) -> None:
    mended = reject(b'{"type":"track","event":"Cart Viewed","anonymousId":"a1","messageId":"m1"}')
    wrong = reject(b'{"type":"track","event":"Cart <Viewed>","messageId":"m2"}')
    other = reject(b'{"type":"track","event":"Cart Viewed","anonymousId":"a1","messageId":"m3"}')
    assert "Cart &lt;Viewed&gt;" in client_in.get(PATH).content.decode()
    answer = client_in.post(PATH, {"event": [mended.pk, wrong.pk]}, follow=True)
    assert "1 were taken in, 1 are still not understood." in answer.content.decode()
    assert list(Fact.objects.values_list("message_id", flat=True)) == ["m1"]
    assert RejectedEvent.objects.filter(replayed_at=None).count() == 2
    client_in.post(PATH, {"all": "1", "source": "public:site", "reason": "nobody"})
    assert set(Fact.objects.values_list("message_id", flat=True)) == {"m1", "m3"}
    other.refresh_from_db()
    assert other.replayed_at is not None


def test_nothing_is_read_again_without_a_choice_or_by_a_viewer(client_in: Client) -> None:
    reject(b'{"type":"track","event":"Cart Viewed","anonymousId":"a1","messageId":"m1"}')
    assert "Choose the events" in client_in.post(PATH, follow=True).content.decode()
    accounts.Staff.objects.update(role=accounts.Staff.Role.VIEWER)
    assert client_in.post(PATH, {"all": "1"}).status_code == 403
    assert "Read all" not in client_in.get(PATH).content.decode()
    assert Fact.objects.count() == 0


def test_a_parked_fact_is_handled_again_by_the_next_worker(client_in: Client) -> None:
    collect.append_facts([order_fact("A1", currency="POUNDS"), order_fact("A2")], at=AT)
    wiring.fold(AT)
    (parked,) = collect.tally_parked()
    assert (parked.consumer, parked.fact_count) == ("shop.orders", 1)
    html = client_in.get(PATH).content.decode()
    assert "One thing could not be handled" in html
    client_in.post(PATH, {"consumer": parked.consumer, "parked_reason": parked.reason})
    assert "a worker takes it up" in client_in.get(PATH).content.decode()
    assert collect.replay_asked(wiring.consumers(), at=AT) == 0  # still wrong: it comes back, and is not asked for
    assert ParkedFact.objects.get().asked_at is None
    with connection.cursor() as cursor:  # as if the reader had learnt what POUNDS are
        cursor.execute("UPDATE collect_fact SET payload = replace(payload::text, 'POUNDS', 'GBP')::json")
    collect.ask_parked("shop.orders", at=AT)
    assert collect.replay_asked(wiring.consumers(), at=START) == 1
    assert (ParkedFact.objects.count(), len(shop.order_totals())) == (0, 1)
