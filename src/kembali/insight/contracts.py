"""What insight says about a customer: the columns of a trait row, and what each means to a rule. Loads no engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kembali.kernel.ids import CustomerId
from kembali.lake.api import ColumnType, LakeTable

MODEL_VERSION = "rhythm-1"

TRAIT_COLUMNS: Mapping[str, ColumnType] = {
    "customer_id": "int64",
    "order_count": "int64",
    "first_order_at": "timestamp",
    "last_order_at": "timestamp",
    "net_minor": "int64",
    "margin_minor": "int64",
    "aov_minor": "int64",
    "gap_mean_days": "float64",
    "gap_sd_days": "float64",
    "expected_next_at": "timestamp",
    "expected_next_low_at": "timestamp",
    "expected_next_high_at": "timestamp",
    "idle_from": "timestamp",
    "lost_from": "timestamp",
    "recency_quintile": "int16",
    "frequency_quintile": "int16",
    "monetary_quintile": "int16",
    "rfm_group": "string",
    "model_version": "string",
    "as_of": "timestamp",
}
"""Columns of `insight_trait` in order. `as_of` is the refresh that last changed the row."""

AttributeKind = Literal["number", "instant", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A trait as rules see it.

    unit: how a number is read aloud. choices: the values a text can have. passed, ahead: how an instant is read aloud
    once it has passed and before.
    """

    name: str
    kind: AttributeKind
    label: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    passed: str = ""
    ahead: str = ""


RFM_GROUPS = (
    "Champions",
    "Loyal",
    "Potential loyal",
    "New",
    "Promising",
    "Needs attention",
    "About to sleep",
    "At risk",
    "Can't lose",
    "Hibernating",
    "Lost",
)

ATTRIBUTES = (
    Attribute(name="order_count", kind="number", label="orders", unit="orders"),
    Attribute(name="first_order_at", kind="instant", label="first order"),
    Attribute(name="last_order_at", kind="instant", label="last order"),
    Attribute(name="net_minor", kind="number", label="money spent", unit="minor units"),
    Attribute(name="margin_minor", kind="number", label="margin earned", unit="minor units"),
    Attribute(name="aov_minor", kind="number", label="average order value", unit="minor units"),
    Attribute(name="gap_mean_days", kind="number", label="usual gap between orders", unit="days"),
    Attribute(name="gap_sd_days", kind="number", label="spread of the gap between orders", unit="days"),
    Attribute(name="expected_next_at", kind="instant", label="expected next order"),
    Attribute(name="expected_next_low_at", kind="instant", label="earliest likely next order"),
    Attribute(name="expected_next_high_at", kind="instant", label="latest likely next order"),
    Attribute(
        name="idle_from",
        kind="instant",
        label="the end of their own rhythm",
        passed="the wait is clearly long for this person",
        ahead="the wait is still normal for this person",
    ),
    Attribute(
        name="lost_from",
        kind="instant",
        label="the end of hope",
        passed="an order is no longer to be hoped for",
        ahead="an order can still be hoped for",
    ),
    Attribute(name="recency_quintile", kind="number", label="recency quintile", unit="of 5"),
    Attribute(name="frequency_quintile", kind="number", label="frequency quintile", unit="of 5"),
    Attribute(name="monetary_quintile", kind="number", label="spending quintile", unit="of 5"),
    Attribute(name="rfm_group", kind="text", label="RFM group", choices=RFM_GROUPS),
)

CHANGED_AT = "last_order_at"
"""The trait that says when a customer's other traits last changed."""

TRAITS = LakeTable(
    name="traits",
    columns=TRAIT_COLUMNS,
    key="customer_id",
    select=(
        f"SELECT {', '.join(TRAIT_COLUMNS)}, true AS is_live, changed_xid::text::bigint AS row_xid "  # noqa: S608 - our own names
        "FROM insight_trait WHERE changed_xid >= ':since'::xid8"
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What insight says about one customer, as of `as_of` (the refresh that last changed it)."""

    customer_id: CustomerId
    order_count: int
    first_order_at: datetime
    last_order_at: datetime
    net_minor: int
    margin_minor: int
    aov_minor: int
    gap_mean_days: float | None
    gap_sd_days: float | None
    expected_next_at: datetime
    expected_next_low_at: datetime
    expected_next_high_at: datetime
    idle_from: datetime
    lost_from: datetime
    recency_quintile: int
    frequency_quintile: int
    monetary_quintile: int
    rfm_group: str
    model_version: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A result about the whole shop. `rows` are plain values, columns as the model that computed them says."""

    name: str
    as_of: datetime
    rows: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class LastRefresh:
    """When insight was last brought up to date, and last computed for everyone."""

    at: datetime
    full_at: datetime


@dataclass(slots=True)
class Refreshed:
    """What a refresh did.

    changed: customers whose traits may have changed; None means everyone. written: rows inserted, changed or deleted,
    known when the refresh is done.
    """

    at: datetime
    changed: tuple[int, ...] | None
    customer_count: int
    written: int = 0
