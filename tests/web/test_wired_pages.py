"""Every page of a shop that was lived in: it shows what the rooms know, and shows it as text."""

import re

import pytest
from django.test import Client

from kembali.accounts import api as accounts
from kembali.collect import api as collect
from kembali.journeys import api as journeys
from kembali.kernel.ids import FlowKey, SegmentKey
from kembali.measure import api as measure
from kembali.messages import api as messages
from kembali.segments import api as segments
from kembali.shop import api as shop
from kembali.web import paging
from kembali.web.results import label_of
from kembali.web.truths import truth_beside
from tests.makers import small_shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lived_in")]


def text_of(html: str) -> str:
    """What somebody reads on a page: tags taken out, white space evened."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def get(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def evil_customer() -> int:
    (found,) = shop.search_people("p0@example.com", limit=2).people
    return found.customer_id


def paths() -> list[str]:
    mail = messages.list_mailbox(limit=1)[0].mail_id
    person = evil_customer()
    return [
        "/", "/people/", "/people/?q=p0", "/people/?segment=idle_loyal", "/people/?q=%00%22%3E", f"/people/{person}/",
        "/people/to-decide/", f"/people/{person}/merge/?q=p", f"/people/{person}/merge/?other=x",
        "/segments/", "/segments/idle_loyal/", "/segments/lost/", "/journeys/", "/journeys/win_back/",
        "/journeys/win_back/steps/morning/", "/journeys/win_back/steps/ten_days/", "/proof/", "/proof/win_back/",
        "/health/", "/settings/", "/import/", "/mailbox/", "/mailbox/?q=p1", "/settings/debugger/",
        f"/settings/debugger/facts/{collect.recent_facts().facts[-1].seq}/", "/settings/debugger/?q=R0&kind=y%00",
        "/settings/connections/", "/settings/connect/shopify/", "/settings/connect/woocommerce/",
        "/settings/site-tracking/", "/settings/rejected/", "/settings/rejected/?source=x&reason=y%00",
        f"/mailbox/{mail}/", f"/mailbox/{mail}/body/",
    ]  # fmt: skip


def test_no_page_runs_what_a_customer_wrote_or_shows_a_hole(signed_in: Client) -> None:
    for path in paths():
        html = get(signed_in, path)
        assert small_shop.EVIL not in html.lower(), path
        if not path.endswith("/body/"):
            assert not re.search(r"\bNone\b|\{\{|\{%", text_of(html)), path


def test_home_says_who_slips_away_and_what_is_not_proven_yet(signed_in: Client) -> None:
    size = segments.sizes_at(small_shop.NOW, days=30)[SegmentKey("idle_loyal")].member_count
    html = get(signed_in, "/")
    assert "Demo shop" in html
    assert f'<p class="figure">{size}</p>' in html
    assert "Not known yet" in html
    assert "ordered again within 90 days" in html


def test_a_chart_of_home_can_be_taken_away(signed_in: Client) -> None:
    answer = signed_in.get("/?csv=repeat-90")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode().startswith("label,value,low,high\r\nJun 2026,")


def test_a_person_is_found_by_mail_and_their_page_tells_all(signed_in: Client) -> None:
    (found,) = shop.search_people("p3@example.com", limit=2).people
    assert "Name3 O&#x27;Neill" in get(signed_in, "/people/?q=p3@")
    words = text_of(get(signed_in, f"/people/{found.customer_id}/"))
    for said in (
        "Orders about every",
        "Order R3-0",
        "customer 1003",
        "Leeds, United Kingdom",
        "consent",
        "Entered the journey",
    ):
        assert said in words


def test_a_page_of_people_leads_to_the_next_and_back(signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kembali.web.views.people.PAGE_SIZE", 25)
    seen, path = [], "/people/"
    for _ in range(3):
        html = get(signed_in, path)
        seen.append(re.findall(r'href="/people/(\d+)/"', html))
        following = re.search(r'href="(\?[^"]+)" rel="next"', html)
        back = re.search(r'href="([^"]+)" rel="prev"', html)
        path = "/people/" + following[1].replace("&amp;", "&") if following else ""
    assert [len(page) for page in seen] == [25, 25, 10]
    assert len({person for page in seen for person in page}) == small_shop.PEOPLE
    assert back
    assert path == ""
    assert re.findall(r'href="/people/(\d+)/"', get(signed_in, "/people/" + back[1].replace("&amp;", "&"))) == seen[1]


def test_a_nonsense_cursor_is_the_first_page(signed_in: Client) -> None:
    first = re.findall(r'href="/people/(\d+)/"', get(signed_in, "/people/"))
    assert len(first) == paging.PAGE_SIZE
    for cursor in ("x%27y", "-5", "99999999999999999999", "%00"):
        assert re.findall(r'href="/people/(\d+)/"', get(signed_in, f"/people/?after={cursor}")) == first


def test_a_segment_reads_its_rule_aloud_and_counts_who_can_be_reached(signed_in: Client) -> None:
    words = text_of(get(signed_in, "/segments/idle_loyal/"))
    assert "Customers where there are at least 3 orders and" in words
    assert "match the rule" in words
    assert "gave permission" in words
    assert "Win back an idle loyal customer" in words


def test_a_journey_shows_its_tree_with_people(signed_in: Client) -> None:
    counts = journeys.step_counts(FlowKey("win_back"))
    words = text_of(get(signed_in, "/journeys/win_back/"))
    assert "When someone enters the segment “Idle loyal”" in words
    assert f"{counts['how_was_it'].decisions['sent']} sent" in words
    assert "20 % holdout" in words
    assert "Live" in words


def test_pausing_and_resuming_a_journey(signed_in: Client) -> None:
    assert signed_in.post("/journeys/win_back/pause/").status_code == 302
    assert journeys.flow_of(FlowKey("win_back")).state == "paused"
    assert "Resume" in get(signed_in, "/journeys/win_back/")
    assert signed_in.post("/journeys/win_back/publish/").status_code == 302
    view = journeys.flow_of(FlowKey("win_back"))
    assert (view.state, view.version) == ("live", 1)


def test_a_choice_nobody_offered_changes_nothing(signed_in: Client) -> None:
    assert signed_in.post("/journeys/win_back/publish/", {"start": "all"}).status_code == 422
    assert signed_in.post("/journeys/nothing/publish/").status_code == 404


def test_proof_shows_truth_beside_what_was_measured(signed_in: Client) -> None:
    proof = measure.find_proof("win_back")
    assert proof is not None
    words = text_of(get(signed_in, "/proof/win_back/"))
    assert proof.opening in words
    assert "truly brings back 6.0 in 100" in words
    assert f"Asked {proof.treated.people}" in words
    assert measure.power_said("win_back") in words


def test_intervals_that_miss_the_truth_are_named(signed_in: Client) -> None:
    proof = measure.find_proof("win_back")
    assert proof is not None
    shown = {metric: each for metric, each in proof.metrics.items() if each.low is not None and each.high is not None}
    inside = {metric.value: each.low or 0.0 for metric, each in shown.items()}
    ordered = {measure.Metric.ORDERED_AGAIN.value: 0.06}
    assert "one in twenty" not in truth_beside(proof, ordered | inside)
    beyond = {metric.value: (each.high or 0.0) + 1 for metric, each in shown.items()}
    words = truth_beside(proof, ordered | beyond)
    assert ("one in twenty" in words) == bool(shown)
    assert all(label_of(metric) in words for metric in shown)


def test_health_lists_sources_and_sums(signed_in: Client) -> None:
    words = text_of(get(signed_in, "/health/"))
    total = sum(one.gross_minor for one in shop.order_totals())
    assert f"£{total / 100:,.2f}" in words
    assert "test, all in all" in words
    assert "The numbers can be trusted" in words


def test_a_mail_is_shown_in_a_frame_that_may_do_nothing(signed_in: Client) -> None:
    mail = messages.list_mailbox(limit=1)[0].mail_id
    assert 'sandbox=""' in get(signed_in, f"/mailbox/{mail}/")
    answer = signed_in.get(f"/mailbox/{mail}/body/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_launching_says_what_can_be_proven_before_it_starts(owner: accounts.Staff, signed_in: Client) -> None:
    """Without the launched flow: the shipped one is offered, launched by one POST, and its power written down."""
    from kembali.journeys.models import Decision, Enrolment, Flow, FlowVersion
    from kembali.measure.models import PowerSaid

    for table in (Decision, Enrolment, FlowVersion, Flow, PowerSaid):
        table.objects.all().delete()
    assert "Launch" in get(signed_in, "/journeys/win_back/")
    assert signed_in.post("/journeys/win_back/publish/", {"start": "from_now"}).status_code == 302
    assert journeys.flow_of(FlowKey("win_back")).state == "live"
    assert measure.power_said("win_back") != ""
