"""The debugger: what came in, whose it is, and why it was not taken in; quick however long the log is."""

from datetime import timedelta

import pytest
from django.test import Client

from kembali.collect import api as collect
from kembali.collect.log import browsing
from kembali.collect.models import Fact, RejectedEvent
from kembali.config import wiring
from kembali.shop import api as shop
from tests.makers.orders import START, order_fact

pytestmark = pytest.mark.django_db(transaction=True)


def append(*facts: collect.NewFact) -> None:
    for place, fact in enumerate(facts):  # one after the other, so that their numbers tell their order
        collect.append_facts([fact], at=START + timedelta(days=40, seconds=place))


def seen_by(client: Client, query: str = "") -> str:
    answer = client.get(f"/settings/debugger/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def client_in(signed_in: Client) -> Client:
    shop.set_up_shop(name="Shop", currency="GBP", time_zone="Europe/London")
    return signed_in


def test_facts_stand_with_the_person_they_went_to(client_in: Client) -> None:
    append(
        order_fact("A1", identifiers={"email": "ann@example.com"}, customer={"first_name": "Ann"}),
        order_fact("B1"),
    )
    collect.run_consumer(shop.PROJECTION, at=START)
    html = seen_by(client_in)
    assert html.index("Order B1") < html.index("Order A1")
    assert "nobody known" in html
    assert ">Ann</a>" in html
    assert 'hx-trigger="every 3s"' in html


def test_a_source_a_kind_and_the_beginning_of_a_message_id_narrow_it(client_in: Client) -> None:
    append(order_fact("A1"), order_fact("A2", source="till"), order_fact("B1", source="till"))
    assert "Order A1" not in seen_by(client_in, "?source=till")
    assert "Nothing matches" in seen_by(client_in, "?kind=tracking.track")
    found = seen_by(client_in, "?q=A&live=0")
    assert ("Order A1" in found, "Order A2" in found, "Order B1" in found) == (True, True, False)
    assert "every 3s" not in found
    only = seen_by(client_in, "?q=A&source=till")
    assert ("Order A1" in only, "Order A2" in only) == (False, True)


def test_a_page_looks_through_a_bounded_part_and_leads_further_back(
    client_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(order_fact("A1", source="till"), *(order_fact(f"B{n}") for n in range(5)))
    monkeypatch.setattr(browsing, "_REACH", 3)
    newest = Fact.objects.order_by("-seq").values_list("seq", flat=True)[0]
    first = collect.recent_facts(source="till")
    assert (first.facts, first.further) == ((), newest - 2)
    assert f"?source=till&amp;before={first.further}" in seen_by(client_in, "?source=till")
    second = collect.recent_facts(source="till", before=first.further)
    assert [fact.message_id[:2] for fact in second.facts] == ["A1"]
    assert collect.recent_facts(limit=2).further == newest - 1


def test_one_fact_shows_who_could_not_handle_it_and_all_that_came_as_text(client_in: Client) -> None:
    append(order_fact("A1", (("<b>", 1, 100),), currency="<script>"))
    collect.run_consumer(shop.PROJECTION, at=START)
    seq = Fact.objects.values_list("seq", flat=True)[0]
    html = client_in.get(f"/settings/debugger/facts/{seq}/").content.decode()
    assert "shop.orders could not handle it." in html
    assert "&quot;currency&quot;: &quot;&lt;script&gt;&quot;" in html
    assert client_in.get(f"/settings/debugger/facts/{2**70}/").status_code == 404


def test_what_was_rejected_stands_between_the_facts_of_its_time(client_in: Client) -> None:
    def reject(source: str, *, second: int) -> None:
        RejectedEvent.objects.create(
            source=source, is_trusted=False, reason_code="nobody", reason=f"Nobody at {second}.", raw=b"{}",
            received_at=START + timedelta(days=40, seconds=second),
        )  # fmt: skip

    append(order_fact("A1"), order_fact("A2"), order_fact("A3", source="till"))
    reject("public:site", second=1)
    reject("public:site", second=90)
    html = seen_by(client_in)
    places = [html.index(words) for words in ("Nobody at 90.", "Order A3", "Nobody at 1.", "Order A1")]
    assert places == sorted(places)
    assert "Nobody at" not in seen_by(client_in, "?source=till")
    assert "Nobody at 90." not in seen_by(client_in, f"?before={Fact.objects.get(source='till').seq}")
    assert "Nobody at" not in seen_by(client_in, "?kind=order.version")


def test_whom_a_browser_claims_to_be_is_told_as_a_claim(client_in: Client) -> None:
    said = {"type": "identify", "traits": {"email": "eve@example.com"}, "anonymousId": "b1", "is_trusted": False}
    append(
        collect.NewFact(
            source="public:site",
            message_id="m1",
            kind="tracking.identify",
            occurred_at=START,
            payload=said,
            identifiers={"anonymous_id": "b1"},
        )
    )
    assert "nobody known" in seen_by(client_in)
    wiring.fold(START)
    html = seen_by(client_in)
    assert "claimed, not confirmed" in html
    assert "nobody known" not in html


def test_a_fact_nested_too_deeply_to_be_read_hides_no_other(client_in: Client) -> None:
    deep = b'{"event":"Deep","x":' + b"[" * 950 + b"]" * 950 + b"}"
    append(
        collect.NewFact(source="s", message_id="deep", kind="tracking.track", occurred_at=START, payload=deep),
        order_fact("A1"),
    )
    assert "Order A1" in seen_by(client_in)
    seq = Fact.objects.values_list("seq", flat=True).get(message_id="deep")
    assert "[[[[[" in client_in.get(f"/settings/debugger/facts/{seq}/").content.decode()
