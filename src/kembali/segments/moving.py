"""Who moves: those who fit each rule against those who are in, as lazy tables."""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from kembali.segments.ast import Rule
from kembali.segments.compiling import Compiler

_INSTANT = "timestamp('UTC')"


def found(compiler: Compiler, rules: Mapping[int, Rule]) -> ir.Table:
    """One row per segment and customer who fits its rule.

    rules: by segment id, without references.
    Returns: segment_id int16, customer_id int64, entered_at timestamp UTC, out_from timestamp UTC null: when the
        customer's row last changed, where the rule did not hold between then and `entered_at`.
    """
    parts = []
    changed_at = compiler.customers[compiler.changed_at]
    for segment_id, rule in rules.items():
        match = compiler.match(rule)
        parts.append(
            compiler.customers.filter(match.holds).select(
                "customer_id",
                segment_id=ibis.literal(segment_id, "int16"),
                entered_at=match.since,
                out_from=ibis.ifelse(match.since > changed_at, changed_at, ibis.null(_INSTANT)),
            )
        )
    return _union(parts)


def moves(compiler: Compiler, rules: Mapping[int, Rule], fitting: ir.Table, inside: ir.Table) -> ir.Table:
    """One row per stay that begins (left_at null) or ends.

    fitting: as `found` gives it. inside: segment_id, customer_id, entered_at of the open stays of the same customers.
    A stay ends when the opposite of the rule began to hold; who no longer exists leaves now. Somebody who went out and
    in again since the last look leaves with the change of their row and enters again.
    Returns: segment_id int16, customer_id int64, entered_at, left_at timestamp UTC.
    """
    pair = ["segment_id", "customer_id"]
    gone = inside.anti_join(fitting, pair)
    again = inside.join(fitting.select(*pair, again_at="entered_at", out_from="out_from"), pair)
    again = again.filter(again.entered_at < again.out_from)
    fresh = fitting.anti_join(inside, pair)
    nobody = ibis.null(_INSTANT)
    columns = ("segment_id", "customer_id", "entered_at", "left_at")
    parts = [
        _ended(compiler, rules, gone),
        again.mutate(left_at=again.out_from),
        fresh.mutate(left_at=nobody),
        again.select("segment_id", "customer_id", entered_at="again_at", left_at=nobody),
    ]
    # The engine's own tables say microseconds, literals do not: one type for all.
    return _union([part.select(*columns).cast({"entered_at": _INSTANT, "left_at": _INSTANT}) for part in parts])


def _ended(compiler: Compiler, rules: Mapping[int, Rule], gone: ir.Table) -> ir.Table:
    """Add to stays that are over when they ended: left_at."""
    outs = {f"out_{segment_id}": compiler.match(rule, holds=False).since for segment_id, rule in rules.items()}
    t = gone.left_join(compiler.customers.select("customer_id", **outs), "customer_id")
    out = ibis.cases(
        *((t.segment_id == segment_id, t[f"out_{segment_id}"]) for segment_id in rules), else_=ibis.null(_INSTANT)
    )
    left_at = ibis.coalesce(out, compiler.moment())
    return t.mutate(left_at=ibis.greatest(left_at, t.entered_at))


def _union(parts: Sequence[ir.Table]) -> ir.Table:
    return ibis.union(*parts) if len(parts) > 1 else parts[0]
