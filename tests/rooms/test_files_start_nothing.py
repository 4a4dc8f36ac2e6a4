"""Files start nothing: whatever they tell, and whether or not they say when it was."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kembali.collect import api as collect
from kembali.config import wiring
from kembali.consent import api as consent
from kembali.journeys import api as journeys
from kembali.journeys.models import Enrolment
from kembali.shop import api as shop
from tests.makers import journeys as makers

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

FLOW = """
key: hello_{n}
name: Hello {n}
trigger: {{event: fact, kind: {kind}}}
again_after: 90 days
goal: {{ordered_within: 30 days}}
holdout: {{percent: 20, salt: hello}}
steps:
  - {{key: ask, do: send, template: ask}}
"""
FILES = (
    "customer_id,email,first_name,accepts_email\n1,ann@example.com,Ann,yes\n2,bob@example.com,Bob,yes\n",
    "email,status,consented_at,consent_source\ncat@example.com,subscribed,,\ndan@example.com,subscribed,2026-03-01,form\n",
    "order_id,created_at,email,total,accepts_marketing\n9,2024-05-01 10:00,eve@example.com,5,yes\n",
    "sku,title,price\nTEA,Tea,4.50\n",
    "order_id,shipped_at,delivered_at\n9,2024-05-02,2024-05-04\n",
    "event,timestamp,user_id,product_id\nview,2024-05-02,1,TEA\n",
)


def test_no_file_lets_anybody_into_a_flow(tmp_path: Path) -> None:
    makers.open_shop()
    for number, kind in enumerate(("customer.profile", "consent.given", "order.version")):
        journeys.publish(FLOW.format(n=number, kind=kind), at=AT - timedelta(days=1))
    for number, text in enumerate(FILES):
        path = tmp_path / f"{number}.csv"
        path.write_text(text, encoding="utf-8")
        collect.import_file(path, currency="GBP", time_zone="Europe/London", at=AT)
    wiring.fold(AT)
    ids = [
        found for found in shop.find_customers([{"email": "ann@example.com"}, {"email": "dan@example.com"}]) if found
    ]
    permissions = consent.permissions_of(ids, channel="email", purpose="marketing")
    assert [each.allowed for each in permissions.values()] == [True, True], "they may be written to"
    assert Enrolment.objects.count() == 0, "and nothing starts"
    profile = collect.NewFact(
        source="site",
        message_id="profile:1",
        kind="customer.profile",
        occurred_at=AT,
        payload={"first_name": "Fay"},
        identifiers={"email": "fay@example.com"},
    )
    collect.append_facts([profile], at=AT)
    wiring.fold(AT)
    assert Enrolment.objects.count() == 1, "what a site tells does"
