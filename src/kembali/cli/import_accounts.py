"""How the account of an import is told: what would happen, what happened, for one file or a folder of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from kembali.cli.output import console, plain, report
from kembali.kernel.money import from_minor

if TYPE_CHECKING:
    from kembali.collect.api import Folder, ImportPlan, ImportResult

_ADDED_UP = ("lines", "accepted", "rejected", "merged")
_ALWAYS = {"accepted", "rejected", "merged", "exact_duplicates"}
_IN_WORDS = {
    "revenue_minor": "sum of all lines",
    "unmapped_columns": "kept as properties",
    "merged": "known already",
    "orders_by_type": "of which",
    "first_placed_at": "the first of",
    "last_placed_at": "the last of",
    "several_times": "orders with several times",
    "consents_in_words": "permissions",
}
_CONSENT_WORDS = {
    "given opt_in": "yes, with proof of the act",
    "given double_opt_in": "yes, confirmed by mail",
    "given existing_customer": "allowed as an existing customer",
    "given imported": "yes without proof: kept as hearsay",
    "pending": "yes, not confirmed yet: no mails",
    "not_given": "no",
    "withdrawn": "said stop: never undone by a file",
}


class TotalsOf:
    """What programs get: one file's values as they are; for a folder each file's, and their sums."""

    @staticmethod
    def plans(plans: "Sequence[ImportPlan]", folder: "Folder | None") -> dict[str, object]:
        """Return what importing would do."""
        return _together([plan_values(plan) for plan in plans], folder)

    @staticmethod
    def results(results: "Sequence[ImportResult]", folder: "Folder | None") -> dict[str, object]:
        """Return what importing did."""
        return _together([msgspec.to_builtins(result) for result in results], folder)


def plan_values(plan: "ImportPlan") -> dict[str, Any]:
    """Return what a dry run says, with what the log already knows taken into account."""
    summary: dict[str, Any] = msgspec.to_builtins(plan.summary)
    return summary | {
        "file": plan.file_name,
        "accepted": plan.accepted,
        "merged": plan.merged,
        "encoding": plan.encoding,
        "mapped": dict(plan.mapped),
        "columns": list(plan.columns),
        "fields": dict(plan.fields),
        "consents_in_words": consents_in_words(plan.summary.consents),
    }


def show_plan(plan: "ImportPlan", *, mapping_name: str) -> None:
    """Tell a person what would happen."""
    nothing: tuple[object, ...] = ({}, [], (), 0, None, "")
    hidden = {"columns", "fields", "consents", "file", "rejects"}
    found = plan_values(plan)
    if found["kind"] == "products":
        hidden |= {"lines_without_customer"}  # of products it would be all of them
    values = {
        _IN_WORDS.get(key, key): value
        for key, value in found.items()
        if key not in hidden and (key in _ALWAYS or value not in nothing)
    }
    if (minor := values.pop("sum of all lines", None)) is not None:
        values["sum of all lines"] = f"{from_minor(minor, found['currency']):,} {found['currency']}"
    if columns := values.pop("kept as properties", None):
        values["kept as properties"] = ", ".join(columns)
    if mapping_name:
        values["saved mapping"] = mapping_name
    for one in plan.summary.rejects:
        values[f"rejected: {one.code}"] = f"{one.count:,} ({one.examples[0] if one.examples else ''})"
    report(values, as_json=False, title=f"This would happen with {plain(plan.file_name)}")


def show_result(file_name: str, result: "ImportResult", currency: str) -> None:
    """Tell a person what happened."""
    values: dict[str, object] = {
        "lines": f"{result.lines:,} = {result.accepted:,} accepted + {result.rejected:,} rejected"
        f" + {result.merged:,} known already",
        "facts": result.facts,
        "customers": result.customers,
    }
    if result.kind == "orders":
        values["sum of all lines"] = f"{from_minor(result.revenue_minor, currency):,} {currency}"
    if result.consents:
        values["permissions"] = consents_in_words(result.consents)
    values |= {
        "exact duplicates": f"{result.exact_duplicates:,} (accepted)",
        "rejected because of": result.reasons,
        "kept as properties": ", ".join(result.unmapped_columns) or "no other columns",
        "seconds": result.seconds,
    }
    report(values, as_json=False, title=f"{plain(file_name)} ({result.format})")
    console.print()


def consents_in_words(consents: "Any") -> dict[str, int]:
    """Return what becomes of permissions, in words a person understands."""
    told: dict[str, int] = {}
    for key, count in consents.items():
        channel, state, basis = key.split(" ")
        words = _CONSENT_WORDS.get(f"{state} {basis}") or _CONSENT_WORDS[state]
        told[f"{channel}: {words}"] = told.get(f"{channel}: {words}", 0) + count
    return told


def _together(values: list[dict[str, Any]], folder: "Folder | None") -> dict[str, object]:
    if folder is None:
        return values[0]
    sums: dict[str, object] = {name: sum(one[name] for one in values) for name in _ADDED_UP}
    return sums | {
        "imports": values,
        "set": folder.set_name,
        "tables": msgspec.to_builtins(folder.tables),
        "not_understood": folder.not_understood,
        "kind": "several",
    }
