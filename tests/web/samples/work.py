"""Journeys and Proof: live, in draft, clearly positive, not sure yet, too little data."""

from dataclasses import replace

from kembali.web.pages.journeys import (
    JourneyPage,
    JourneyRow,
    JourneysPage,
    Lane,
    Step,
    StepCount,
    StepPeoplePage,
    StepPerson,
)
from kembali.web.pages.parts import Measured, Pager, Tag
from kembali.web.pages.proof import CountRow, GroupRow, IntervalRow, ProofPage, ProofRow, ProofsPage, Verdict
from tests.web.samples.common import AT, CURRENCY, ago, d, line

JOURNEYS = JourneysPage(
    AT,
    30,
    (
        JourneyRow(
            "winback",
            "Win back an idle regular",
            "Asks “How was your experience?” once a regular is past their own rhythm.",
            "live",
            318,
            412,
            96,
            Tag("+6.2 in 100 came back, proven", "back"),
        ),
        JourneyRow(
            "cart",
            "Bring back a forgotten cart",
            "Offers help, then a code for the products in the cart.",
            "paused",
            0,
            204,
            31,
            Tag("not sure yet", "hold"),
        ),
        JourneyRow(
            "welcome", "Welcome", "Thanks after the first order, no offer.", "draft", 0, 0, 0, Tag("not launched")
        ),
    ),
)
JOURNEYS_EMPTY = JourneysPage(AT, 30, ())

_STEPS = (
    Step(
        "start",
        "start",
        "When a regular goes idle by their own rhythm",
        "enters “Idle loyal” · at most once in 180 days",
        tag=Tag("history never triggers"),
    ),
    Step(
        "ask",
        "1 day",
        "Ask how it was",
        "E-mail “How was your experience?” · answers reach a person",
        (
            StepCount("waiting", 22, "/journeys/winback/steps/ask/"),
            StepCount("sent", 371, "?s"),
            StepCount("not sent", 41, "?n"),
        ),
        preview_href="/mailbox/81/",
    ),
    Step(
        "still",
        "day 8",
        "Ordered since?",
        "",
        (StepCount("waiting", 114),),
        lanes=(
            Lane(
                "no order yet, and spent more than €200",
                (
                    Step(
                        "gift",
                        "day 8",
                        "A small gift with the next order",
                        "E-mail · costs about €3.10",
                        (StepCount("sent", 88),),
                    ),
                    Step("thanks", "day 15", "A last letter", "E-mail, no offer", (StepCount("sent", 51),)),
                ),
            ),
            Lane(
                "no order yet", (Step("last", "day 8", "A last letter", "E-mail, no offer", (StepCount("sent", 190),)),)
            ),
            Lane("ordered", ()),
        ),
    ),
    Step("goal", "any time", "Leave when they buy", "stops everything at once", tag=Tag("96 came back", "back")),
)

_YAML = """key: winback
trigger:
  segment_entered: idle_loyal
holdout_percent: 20
steps:
  - wait: {days: 1}
  - send: {template: how_was_it}
"""

JOURNEY = JourneyPage(
    at=AT,
    key="winback",
    title="Win back an idle regular",
    sentence="Asks people who have gone quiet by their own rhythm how it was, and stops as soon as they order.",
    status="live",
    version=3,
    draft_version=4,
    launched_at=ago(74),
    days=30,
    inside_count=318,
    entered_count=412,
    came_back_count=96,
    holdout_share=d("0.2"),
    result=Tag("+6.2 in 100, proven", "back"),
    proof_href="/proof/winback/",
    power="At about 14 people a day, an effect above 5.5 in 100 can be proven within 60 days.",
    steps=_STEPS,
    waiting_count=214,
    source_yaml=_YAML,
)
JOURNEY_DRAFT = replace(
    JOURNEY,
    title="Welcome",
    key="welcome",
    status="draft",
    version=1,
    draft_version=None,
    launched_at=None,
    inside_count=0,
    entered_count=0,
    came_back_count=0,
    result=Tag("not launched"),
    proof_href="",
    waiting_count=0,
    steps=_STEPS[:2],
)

STEP = StepPeoplePage(
    AT,
    "winback",
    "Win back an idle regular",
    "Ask how it was",
    "waiting",
    (
        StepCount("waiting", 22, "?state=waiting"),
        StepCount("sent", 371, "?state=sent"),
        StepCount("not sent", 41, "?state=not_sent"),
    ),
    (
        StepPerson(
            4021, "Marta Wiśniewska", "treated", Tag("waiting"), ago(0.4), ago(-0.6), "waits one day after going idle"
        ),
        StepPerson(
            4055,
            "Ahmet Yıldız",
            "holdout",
            Tag("holdout", "hold"),
            ago(0.2),
            ago(-0.8),
            "drawn into the holdout at enrolment",
        ),
    ),
    Pager("", "?after=9", 22),
)

_ROWS = (
    IntervalRow(
        "Ordered again", Measured(d("0.062"), d("0.021"), d("0.103"), "points"), "better", "people", d("0.058")
    ),
    IntervalRow("Orders", Measured(d("7.0"), d("2.4"), d("11.6"), "count"), "better", "", d("6.6")),
    IntervalRow("Profit", Measured(d("3100"), d("-1900"), d("8200"), "money"), "unsure", "not sure yet", d("2750")),
    IntervalRow("Revenue", Measured(d("13000"), None, None, "money"), "too_little", "not enough data yet"),
    IntervalRow("Unsubscribed", Measured(d("0.004"), d("-0.001"), d("0.009"), "points"), "unsure", "no harm seen"),
)

PROOF = ProofPage(
    at=AT,
    currency=CURRENCY,
    key="winback",
    title="Win back an idle regular",
    tag=Tag("Journey · version 3 · live 74 days"),
    verdict=Verdict(
        "It worked. Out of every 100 idle regulars who were asked “How was your experience?”,",
        "6 more ordered again",
        " within 60 days than without the mail. We are 95 % sure it is between 2 and 10.",
        "better",
    ),
    rows=_ROWS,
    groups=(
        GroupRow("Asked", 1_148, d("0.219"), d("26.1"), d("1420"), d("502")),
        GroupRow("Holdout", 612, d("0.157"), d("19.1"), d("1290"), d("471")),
    ),
    horizon_days=60,
    sure_lines=("Orders: proven on day 61.", "Profit: needs about 34 more days at this pace."),
    power="Before launch we said: an effect above 5.5 in 100 can be proven in 60 days at this size.",
    attribution="Last-click attribution would claim €9,300. The holdout says about €1,500 of that is real.",
    daily=line(
        "winback-daily",
        "Building up, day by day",
        "points",
        start=0.048,
        step=0.0008,
        width=0.09,
        count=30,
        zero_label="no difference",
    ),
    not_asked=(
        CountRow("Holdout", 612, "/people/"),
        CountRow("No permission for e-mail", 231, "/people/"),
        CountRow("Ordered in between", 44),
        CountRow("Open complaint", 19),
    ),
    checks=(Tag("✓ groups as large as drawn", "back"), Tag("3 people seen in both, left out", "hold")),
    method=(
        "Who is asked is drawn by lot when they enter, before anything else is looked at.",
        "Everyone who entered counts, whether the mail reached them or not.",
        "The interval is found by drawing the groups again many times.",
    ),
    truth="In this demo shop the mail truly brings back 5.8 in 100. Measured: 6.2.",
    journey_href="/journeys/winback/",
)
PROOF_UNSURE = replace(
    PROOF,
    truth="",
    attribution="",
    daily=None,
    not_asked=(),
    tag=Tag("Journey · version 1 · live 9 days"),
    verdict=Verdict(
        "Nothing can be said yet.",
        "It may help or do nothing:",
        " 31 people were asked, 9 were not. About 120 more days are needed at this pace.",
        "too_little",
    ),
    rows=tuple(replace(row, standing="too_little", note="not enough data yet", true_effect=None) for row in _ROWS[:3]),
    groups=(
        GroupRow("Asked", 31, d("0.1"), d("10"), d("310"), d("90")),
        GroupRow("Holdout", 0, None, None, None, None),
    ),
    sure_lines=("Orders: needs about 120 more days at this pace.",),
    checks=(),
)

PROOFS = ProofsPage(
    AT,
    CURRENCY,
    "One of three brings people back for sure. One needs more time. One shows nothing, and costs €40 a month.",
    (
        ProofRow(
            "winback",
            "Win back an idle regular",
            "Journey, version 3",
            "6 more in 100 ordered again.",
            _ROWS[0],
            Tag("proven", "back"),
            1_760,
        ),
        ProofRow(
            "cart",
            "Bring back a forgotten cart",
            "Journey, version 1",
            "Not sure yet: needs 34 more days.",
            _ROWS[2],
            Tag("not sure yet", "hold"),
            402,
        ),
        ProofRow(
            "letter",
            "Monthly letter",
            "Campaign",
            "Nine people so far: nothing can be said.",
            None,
            Tag("too little data", "hold"),
            9,
        ),
    ),
)
PROOFS_EMPTY = ProofsPage(AT, CURRENCY, "", ())
