"""Settings → Connections."""

from dataclasses import replace
from datetime import timedelta

from kembali.collect.connectors.woocommerce.connector import WooCommerce
from kembali.web.pages.connections import (
    CheckRow,
    ConnectionPage,
    ConnectionRow,
    ConnectionsPage,
    ConnectPage,
    FieldRow,
    PlatformChoice,
    StreamRow,
    TotalRow,
)
from kembali.web.pages.parts import Tag
from tests.web.samples.common import AT

_ROW = ConnectionRow(
    name="shopify",
    title="Shopify",
    address="harbour-coffee.myshopify.com",
    state=Tag("well", "back"),
    read_until=AT - timedelta(minutes=7),
    last_hook_at=AT - timedelta(seconds=41),
    has_webhooks=True,
    problem="",
)
_TROUBLED = ConnectionRow(
    name="outlet",
    title="WooCommerce",
    address="outlet.harbour-coffee.example",
    state=Tag("trouble", "away"),
    read_until=None,
    last_hook_at=None,
    has_webhooks=True,
    problem="The shop says no (401): “consumer key is missing”. Check the keys: they may have been withdrawn.",
)
_PLATFORMS = (PlatformChoice("shopify", "Shopify"), PlatformChoice("woocommerce", "WooCommerce"))
CONNECTIONS = ConnectionsPage(AT, "outlet needs you.", (_ROW, _TROUBLED), _PLATFORMS, may_change=True)
CONNECTIONS_EMPTY = ConnectionsPage(AT, "No shop is connected yet.", (), _PLATFORMS, may_change=True)

CONNECTION = ConnectionPage(
    at=AT,
    row=_ROW,
    sentence="Nothing of it is missing.",
    hook_url="https://events.harbour-coffee.example/hooks/shopify/Zk3vQ9Xw5rT1yB7mN2cL8pD4hJ6gFsAe",
    only_here=False,
    topics=tuple(f"topic/{number}" for number in range(25)),
    last_refused_hook_at=AT - timedelta(days=2),
    next_at=AT + timedelta(minutes=3),
    is_live=True,
    is_paused=False,
    streams=(
        StreamRow("customers", 8_121, 8_121, is_read=True),
        StreamRow("products", 214, 214, is_read=True),
        StreamRow("orders", 27_090, 27_090, is_read=True),
    ),
    totals=(TotalRow("2026-11", 812, None, "EUR"), TotalRow("2026-10", 1_204, 4_812_300, "EUR")),
    pixel='const EDGE = "https://events.harbour-coffee.example";\nconst KEY = "pk_4mDq0Xv7Zr2cWb9LkY1tNsEo";\n// …',
    wants_pixel=True,
    may_change=True,
)
CONNECTION_READING = replace(
    CONNECTION,
    row=replace(_ROW, state=Tag("reading its history", "hold"), read_until=None, last_hook_at=None),
    sentence="Its history is coming in…",
    only_here=True,
    hook_url="http://127.0.0.1:8301/hooks/shopify/Zk3vQ9Xw5rT1yB7mN2cL8pD4hJ6gFsAe",
    last_refused_hook_at=None,
    streams=(
        StreamRow("customers", 8_121, 8_121, is_read=True),
        StreamRow("products", 150, 214, is_read=False),
        StreamRow("orders", 0, None, is_read=False),
    ),
    totals=(),
    pixel="",
)
CONNECTION_TROUBLED = replace(
    CONNECTION,
    row=_TROUBLED,
    sentence="Something is wrong.",
    is_live=False,
    totals=(),
    wants_pixel=False,
    streams=(StreamRow("orders", 0, None, is_read=False),),
)

_CLIENT_ID = FieldRow(
    name="client_id",
    label="Client id",
    help="In the Dev Dashboard: your app, then Settings.",
    is_secret=False,
    is_needed=True,
    placeholder="",
    value="a1b2c3",
)
_FIELDS = (
    _CLIENT_ID,
    replace(
        _CLIENT_ID,
        name="client_secret",
        label="Client secret",
        help="Beside the client id.",
        is_secret=True,
        value="",
    ),
)
CONNECT = ConnectPage(
    platform="shopify",
    title="Shopify",
    guide="web/connect/shopify.html",
    scopes="read_orders,read_all_orders,read_customers,read_products,read_inventory,read_fulfillments",
    edge_url="http://127.0.0.1:8301",
    only_here=True,
    address="",
    name="",
    fields=_FIELDS,
    checks=(),
    is_right=False,
    may_change=True,
)
CONNECT_CHECKED = replace(
    CONNECT,
    address="harbour-coffee.myshopify.com",
    only_here=False,
    checks=(
        CheckRow(
            "The app opens the shop", "ok", "Client id and client secret are right, and the app is installed.", ""
        ),
        CheckRow("The shop answers", "ok", "Harbour Coffee, EUR, Europe/Berlin.", ""),
        CheckRow(
            "The app may read what is needed",
            "failed",
            "The app lacks read_all_orders.",
            "Add these scopes in a new version of the app, release it, and accept it in the shop.",
        ),
        CheckRow("Orders can be read", "not_asked", "", ""),
    ),
)
CONNECT_ERROR = replace(
    CONNECT,
    error="“harbour coffee” is not the address of a Shopify shop.",
    error_hint="Enter your-shop.myshopify.com: in the admin under Settings → Domains.",
)
CONNECT_WOOCOMMERCE = replace(
    CONNECT,
    platform="woocommerce",
    title="WooCommerce",
    guide="web/connect/woocommerce.html",
    scopes="",
    only_here=False,
    address="https://kitchen.example",
    fields=tuple(
        FieldRow(
            name=field.name,
            label=field.label,
            help=field.help,
            is_secret=field.is_secret,
            is_needed=field.is_needed,
            placeholder=field.placeholder,
            value="",
        )
        for field in WooCommerce.fields
    ),
    checks=(
        CheckRow("Address", "ok", "“Kitchen & Co” answers.", ""),
        CheckRow("Keys", "ok", "The keys open the shop: 2,481 orders.", ""),
        CheckRow(
            "Right to write",
            "failed",
            "The key may not make webhooks: The shop says no (401).",
            "Set its permissions to Read/Write: WooCommerce → Settings → Advanced → REST API.",
        ),
        CheckRow("Order statuses", "not_asked", "", ""),
        CheckRow("Webhooks", "not_asked", "", ""),
    ),
)
