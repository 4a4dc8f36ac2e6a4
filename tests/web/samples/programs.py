"""Settings → Developers: keys, webhooks and the HTTP API."""

from dataclasses import replace
from datetime import timedelta

from kembali.web.pages.api_docs import ApiDocsPage, CallGroup, CallRow, ParameterRow
from kembali.web.pages.keys import KeyRow, KeysPage, ScopeChoice
from kembali.web.pages.parts import Tag
from kembali.web.pages.webhooks import (
    AttemptRow,
    DeliveryPage,
    DeliveryRow,
    EndpointForm,
    EndpointRow,
    ReplayRow,
    WebhookPage,
    WebhooksPage,
)
from tests.web.samples.common import AT

_OPEN, _AWAY = Tag("✓ open", "back"), Tag("▲ does not take anything", "away")
_SCOPES = (
    ScopeChoice("track", "send events, which are believed"),
    ScopeChoice("read:customers", "read who the customers are, with their addresses"),
    ScopeChoice("write:orders", "say orders"),
    ScopeChoice("admin:webhooks", "decide which programs are told of everything"),
)
KEYS = KeysPage(
    AT,
    (
        KeyRow(
            4,
            "erp",
            "",
            ("read:orders", "write:orders", "read:products", "write:products"),
            AT - timedelta(days=2),
            AT - timedelta(minutes=1),
            _OPEN,
            is_open=True,
        ),
        KeyRow(
            3,
            "erp",
            "",
            ("read:orders", "write:orders"),
            AT - timedelta(days=90),
            AT - timedelta(hours=5),
            Tag("replaced", "hold"),
            is_open=True,
            works_until=AT + timedelta(hours=20),
        ),
        KeyRow(
            2,
            "site",
            "pk_4mDq0Xv7Zr2cWb9LkY1tNsEoUhJ6gPfA8iVxQ3aR5yw",
            ("track",),
            AT - timedelta(days=120),
            None,
            _OPEN,
            is_open=True,
        ),
        KeyRow(1, "trial", "", ("read:facts",), AT - timedelta(days=200), None, Tag("withdrawn"), is_open=False),
    ),
    _SCOPES,
    may_change=True,
)
KEYS_EMPTY = KeysPage(AT, (), _SCOPES, may_change=True, error="A key without a scope opens nothing.")
KEYS_NEW = replace(
    KEYS, token="sk_2vT8mQ0xNcR5yB7eJ1uK9fLwZ3hD6aPgV4sXiO8tYrE", token_note="Give it to one program and no other."
)

_KINDS = ("customer.profile", "message.sent", "order.version", "segment.entered", "segment.left")
_URL = "https://hooks.harbour-coffee.example/kembali"
_ROW = EndpointRow(
    1, _URL, "warehouse", ("order.version", "segment.entered"), _OPEN, 3, 48_212, 0, AT - timedelta(seconds=4)
)
_DOWN = EndpointRow(2, "https://old.example/in", "", (), _AWAY, 1_204, 88, 12, AT - timedelta(days=2))
_FORM = EndpointForm("", "", (), with_history=False, all_kinds=_KINDS)
WEBHOOKS = WebhooksPage(AT, (_ROW, _DOWN), _FORM, may_change=True)
WEBHOOKS_EMPTY = WebhooksPage(
    AT,
    (),
    replace(
        _FORM,
        url="https://10.0.0.7/in",
        error="10.0.0.7 leads to 10.0.0.7: not an address of the internet.",
        error_hint="Use an address that can be reached from the internet.",
    ),
    may_change=True,
)
_DELIVERIES = (
    DeliveryRow(
        9, "order.version", 48_300, AT - timedelta(seconds=4), 1, "200", Tag("✓ taken", "back"), may_replay=True
    ),
    DeliveryRow(
        8,
        "segment.entered",
        48_299,
        AT - timedelta(minutes=2),
        2,
        "hooks.harbour-coffee.example did not answer: the time was up.",
        Tag("waits", "hold"),
        may_replay=True,
    ),
    DeliveryRow(7, "webhook.test", None, AT - timedelta(hours=2), 1, "204", Tag("✓ taken", "back"), may_replay=False),
)
WEBHOOK = WebhookPage(
    AT,
    _ROW,
    is_open=True,
    trouble="",
    former_until=AT + timedelta(hours=20),
    deliveries=_DELIVERIES,
    further_href="?before=7",
    replays=(ReplayRow(AT - timedelta(days=8), AT - timedelta(days=1), 10_000, is_done=False),),
    form=EndpointForm(_URL, "warehouse", _ROW.kinds, with_history=False, all_kinds=_KINDS),
    may_change=True,
)
WEBHOOK_NEW = WebhookPage(
    AT,
    replace(_DOWN, waiting=0, delivered=0, failed=0, delivered_at=None, state=Tag("▲ disabled", "away")),
    is_open=False,
    trouble="It answered 410, which means: never again. What happens now is not kept for it.",
    former_until=None,
    deliveries=(),
    further_href="",
    replays=(),
    form=EndpointForm(_DOWN.url, "", (), with_history=True, all_kinds=_KINDS),
    may_change=True,
    secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw8GxTn1Bz0aY=",
)
DELIVERY = DeliveryPage(
    AT,
    _DELIVERIES[1],
    endpoint_id=1,
    url=_URL,
    due_at=AT + timedelta(minutes=1),
    attempts=(
        AttemptRow(1, AT - timedelta(minutes=2), 841, "500", "<h1>Internal Server Error</h1>", is_good=False),
        AttemptRow(2, AT - timedelta(minutes=1), 15_002, _DELIVERIES[1].answer, "", is_good=False),
    ),
    may_change=True,
)
_LIMIT = ParameterRow("limit", "integer", is_needed=False, meaning="How many at most.")
API_DOCS = ApiDocsPage(
    "https://kembali.harbour-coffee.example",
    (
        CallGroup(
            "orders",
            (
                CallRow("GET", "/api/v1/orders", "read:orders", "List orders with their lines.", (_LIMIT,), (), ""),
                CallRow(
                    "POST",
                    "/api/v1/orders",
                    "write:orders",
                    "Create or update an order.",
                    (),
                    (
                        ParameterRow("order_ref", "string", is_needed=True, meaning=""),
                        ParameterRow("lines", "list of LineIn", is_needed=True, meaning=""),
                    ),
                    "An order as it stands now, whole.",
                ),
            ),
        ),
        CallGroup(
            "facts",
            (CallRow("GET", "/api/v1/facts", "read:facts", "Read the log as a feed.", (_LIMIT,), (), ""),),
        ),
    ),
)
