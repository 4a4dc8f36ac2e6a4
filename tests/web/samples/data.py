"""Data & health, mailbox, import."""

from dataclasses import replace

from kembali.web.pages.health import (
    DemandRow,
    DoubleRow,
    HealthPage,
    ImportRow,
    LeftOutRow,
    OrderTotals,
    ProcessRow,
    RejectedRow,
    SourceRow,
)
from kembali.web.pages.importing import ColumnUse, Count, DryRunPage, FieldChoice, ProgressPage, ReasonCount, UploadPage
from kembali.web.pages.mailbox import MailboxPage, MailRow, MessagePage
from kembali.web.pages.parts import Link, Pager, Tag
from kembali.web.pages.settings import SettingsPage
from tests.web.samples.common import AT, CURRENCY, NO_PAGER, ago

HEALTH = HealthPage(
    at=AT,
    currency=CURRENCY,
    sentence="The numbers can be trusted; 14 lines wait to be mended.",
    sources=(
        SourceRow("orders_2026.csv", "file", ago(3), "", 27_090, (0, 0, 27_090, 0), Tag("✓ complete", "back")),
        SourceRow(
            "demo shop",
            "simulated",
            ago(0.0005),
            "half within 5 s, nearly all within 1 min",
            8_412,
            (310, 280, 420, 391, 350),
            Tag("✓ flowing", "back"),
        ),
        SourceRow(
            "mail server",
            "delivery reports",
            ago(2.2),
            "nearly all within 10 min",
            1_204,
            (60, 72, 41, 0, 0),
            Tag("▲ quiet for 2 days", "away"),
        ),
    ),
    totals=(
        OrderTotals("Last 30 days", 2_604, 14_822_000, 14_822_000),
        OrderTotals("All time", 18_532, 891_140_790, 891_139_200),
        OrderTotals("shopify, Nov 2026", 1_204, 7_012_040, None, there_count=1_206),
        OrderTotals("vendure, Nov 2026", 12, 61_240, None, there_count=11, went_on=True),
    ),
    doubles=(DoubleRow("shopify", "trusted:server", 312, 1_204_400, "1043, 1041, 1038"),),
    left_out=(LeftOutRow("generic", "shopify", 1_204),),
    demands=(
        DemandRow(7, "A person wants to be forgotten", "shopify", Link("Marta W.", "/people/1/"), ago(12), "/"),
        DemandRow(9, "A person wants all that is known of them", "shopify", None, ago(2), "/"),
    ),
    may_change=True,
    imports=(
        ImportRow(
            2, "online_retail_2010-12-01_2011-09-09.csv.gz", ago(3), 334_054, 333_906, 0, 148, Tag("done", "back")
        ),
        ImportRow(1, "orders_2026.csv", ago(4), 27_104, 0, 27_104, 0, Tag("done", "back")),
    ),
    processes=(
        ProcessRow("Worker", "last round 3 s ago", Tag("✓ running", "back")),
        ProcessRow("Lake", "2 min behind the shop", Tag("✓ fresh", "back")),
        ProcessRow("Orders from facts", "0 facts waiting", Tag("✓ level", "back")),
        ProcessRow("Segments", "one thing could not be handled: customer 993 is unknown", Tag("▲ 1 waiting", "away")),
    ),
    rejected_total=14,
    rejected=(
        RejectedRow(
            31,
            "orders_2026.csv",
            "line 1,204",
            "Price is not a number: “4,95 €”",
            "2044;85123A;WHITE HANGING HEART;6;4,95 €",
            ago(2),
        ),
        RejectedRow(
            32,
            "orders_2026.csv",
            "line 8,811",
            "There is no day 2026-02-30",
            "2071;22633;HAND WARMER <script>;2026-02-30",
            ago(2),
        ),
    ),
    pager=Pager("", "?after=32", 14),
)
HEALTH_EMPTY = replace(
    HEALTH,
    sentence="There is nothing to check yet.",
    sources=(),
    totals=(),
    doubles=(),
    left_out=(),
    demands=(),
    imports=(),
    rejected_total=0,
    rejected=(),
    pager=NO_PAGER,
)

MAILBOX = MailboxPage(
    AT,
    371,
    "",
    (
        MailRow(
            81,
            "Marta Wiśniewska",
            "marta@example.com",
            "How was your experience?",
            "It has been a while. May we ask one thing?",
            ago(3),
            "Win back, version 3",
        ),
        MailRow(
            80,
            "Ahmet Yıldız",
            "ahmet@example.com",
            "How was your experience?",
            "It has been a while. May we ask one thing?",
            ago(3.2),
            "Win back, version 3",
        ),
    ),
    Pager("", "?before=80", 371),
)
MAILBOX_EMPTY = MailboxPage(AT, 0, "", (), NO_PAGER)
MESSAGE = MessagePage(
    AT,
    81,
    4021,
    "Marta Wiśniewska",
    "marta@example.com",
    "Harbour Coffee <hello@example.com>",
    "hello@example.com",
    "How was your experience?",
    ago(3),
    Tag("delivered", "back"),
    "Win back an idle regular, version 3",
    "/journeys/winback/",
    (
        ("List-Unsubscribe", "<https://shop.example.com/u/8f3kq>, <mailto:stop@example.com>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Message-ID", "<81.winback.ask@example.com>"),
    ),
    "/mailbox/81/body/",
    "It has been a while. May we ask one thing?\n\nHow was your experience?\n",
)

UPLOAD = UploadPage("EUR", "Europe/Berlin", fixed=False, max_megabytes=512)
UPLOAD_ERROR = UploadPage(
    "GBP",
    "Europe/London",
    fixed=True,
    max_megabytes=512,
    error="The header of “stock.csv” is not one of an order file.",
    error_hint="It needs an order number, a date, and an amount or a price.",
)
DRY_RUN = DryRunPage(
    "7c0e5a",
    "orders_2026.csv",
    "generic orders CSV, “;”",
    "Windows-1252",
    "EUR",
    "Europe/Berlin",
    27_104,
    27_090,
    0,
    14,
    31,
    9_204,
    3_118,
    41_388_220,
    "1 Jan 2026",
    "18 Nov 2026",
    (
        ColumnUse("order no", "order number", "2044"),
        ColumnUse("mail", "customer's e-mail", "marta@example.com"),
        ColumnUse("sum", "order total", "41,20"),
        ColumnUse("packer", "", "K. B."),
    ),
    (
        ReasonCount("Price is not a number", 11, "2044;85123A;WHITE HANGING HEART;6;4,95 €"),
        ReasonCount("No such day", 3, "2026-02-30"),
    ),
)
DRY_RUN_CONSENTS = replace(
    DRY_RUN,
    file_name="newsletter.xlsx",
    file_type="generic consents",
    encoding="spreadsheet, sheet Export",
    lines=4_210,
    accepted=4_180,
    merged=18,
    rejected=12,
    duplicates=2,
    columns=(ColumnUse("mail", "email", "marta@example.com"), ColumnUse("interests", "", "tea, cups")),
    reasons=(ReasonCount("bad email", 12, "Line 77: “marta@” is not an e-mail address."),),
    kind="consents",
    kind_words="subscriptions",
    facts=(Count("Customer profiles", 4_196), Count("Statements about permissions", 4_198)),
    permissions=(
        Count("email: yes, confirmed by mail", 3_020),
        Count("email: yes without proof: kept as hearsay", 1_101),
        Count("email: said stop: never undone by a file", 77),
    ),
    choices=(
        FieldChoice("email", "e-mail", "mail"),
        FieldChoice("consented_at", "when they agreed", "signed up"),
        FieldChoice("consent_source", "where they agreed: a form, a page, a till", ""),
    ),
    column_names=("mail", "signed up", "interests"),
    saved_mapping="newsletter tool",
)
DRY_RUN_REFUSED = replace(
    DRY_RUN_CONSENTS,
    error="newsletter.xlsx, line 1: no column found for customer_ref, email, phone or loyalty_ref.",
    error_hint="Choose the column that says who it is.",
)
PROGRESS = ProgressPage("orders_2026.csv", "running", ago(0.0002), AT, 0, 0, 0, 0)
PROGRESS_DONE = replace(PROGRESS, state="done", lines=27_104, accepted=27_090, rejected=14, import_id=3)
PROGRESS_FAILED = replace(
    PROGRESS, state="failed", error="The disk is full.", error_hint="Make room, then import again."
)

SETTINGS = SettingsPage(
    at=AT,
    shop_facts=(
        ("Shop", "Harbour Coffee"),
        ("Counts in", "EUR"),
        ("Lives in the time zone", "Europe/Berlin"),
        ("Margin where no cost is known", "40 %"),
    ),
)
SETTINGS_EMPTY = SettingsPage(at=AT, shop_facts=())
