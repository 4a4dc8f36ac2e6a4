"""What a comparison means, in one plain sentence. Standard library only. No effect is a verdict of its own."""

import math

from kembali.measure.contracts import (
    Comparison,
    Interval,
    PowerStatement,
    Reading,
    SampleRatioCheck,
    Verdict,
    VerdictKind,
    VerdictWords,
    Withheld,
)

# Smaller differences than this many people in a hundred are called no difference; a shop may set its own.
WORTH_SHARE = 0.03

OPENINGS = {
    VerdictKind.IT_WORKED: "It worked.",
    VerdictKind.IT_HURT: "It hurt.",
    VerdictKind.NO_DIFFERENCE_SEEN: "No difference seen.",
    VerdictKind.NOT_SURE_YET: "Not sure yet.",
    VerdictKind.NOT_ENOUGH_DATA_YET: "Not enough data yet.",
    VerdictKind.GROUPS_DO_NOT_FIT: "The groups do not fit.",
}


def judge(reading: Reading, *, worth: float) -> VerdictKind:
    """Return what one reading says on its own.

    `worth` is the smallest difference that matters, in the reading's unit: an interval around zero that stays within
    it is "no difference seen", a wider one "not sure yet".
    """
    if isinstance(reading, Withheld):
        return VerdictKind.NOT_ENOUGH_DATA_YET
    if reading.low > 0:
        return VerdictKind.IT_WORKED
    if reading.high < 0:
        return VerdictKind.IT_HURT
    if max(-reading.low, reading.high) <= worth:
        return VerdictKind.NO_DIFFERENCE_SEEN
    return VerdictKind.NOT_SURE_YET


def verdict_of(comparison: Comparison, *, words: VerdictWords, worth_share: float = WORTH_SHARE) -> Verdict:
    """Return the headline verdict, on the share ordering again. Groups that do not fit come before any effect."""
    reading = comparison.ordered_again
    kind = judge(reading, worth=worth_share) if comparison.ratio.fits else VerdictKind.GROUPS_DO_NOT_FIT
    opening = OPENINGS[kind]
    if kind is VerdictKind.GROUPS_DO_NOT_FIT:
        return Verdict(kind=kind, opening=opening, finding=_misfit(comparison.ratio), certainty="")
    if isinstance(reading, Withheld):
        reason = reading.reason.partition(": ")[2] or reading.reason
        return Verdict(kind=kind, opening=opening, finding=f"{reason[:1].upper()}{reason[1:]}.", certainty="")
    finding, certainty = _sentences(kind, reading, words)
    return Verdict(kind=kind, opening=opening, finding=finding, certainty=certainty)


def power_sentence(statement: PowerStatement) -> str:
    """Return what can be proven at this size, as said before launch; half points, rounded up."""
    smallest = statement.smallest_provable_share
    if smallest is None:
        return "At this size no effect can be proven."
    points = math.ceil(round(smallest * 200, 6)) / 2
    return f"At this size only an effect above {points:g} {'point' if points == 1 else 'points'} can be proven."


def _sentences(kind: VerdictKind, reading: Interval, words: VerdictWords) -> tuple[str, str]:
    who, days, treatment = words.people, words.within_days, words.treatment
    sure = f"{reading.level * 100:g} % sure"
    estimate, low, high = _per_hundred(reading)
    if kind in {VerdictKind.IT_WORKED, VerdictKind.IT_HURT}:
        direction = "more" if kind is VerdictKind.IT_WORKED else "fewer"
        near, far = sorted((low.strip("-"), high.strip("-")), key=float)
        seen = f"{estimate.strip('-')} {direction} ordered again within {days} days than without {treatment}"
        return f"Out of every 100 {who}, {seen}.", f"We are {sure} it is between {near} and {far}."
    if kind is VerdictKind.NO_DIFFERENCE_SEEN:
        bound = math.ceil(round(max(-reading.low, reading.high) * 1000, 6)) / 10
        seen = f"about as many ordered again within {days} days with {treatment} as without"
        return (
            f"Out of every 100 {who}, {seen}.",
            f"We are {sure} that any difference is at most {bound:g}, either way.",
        )
    seen = f"{_signed(estimate)} ordered again within {days} days than without {treatment}: chance alone could do that"
    if float(estimate) == 0:
        seen = f"as many ordered again within {days} days with {treatment} as without: chance could hide a difference"
    return (
        f"So far, out of every 100 {who}, {seen}.",
        f"We are {sure} it is between {_signed(low)} and {_signed(high)}.",
    )


def _per_hundred(reading: Interval) -> tuple[str, str, str]:
    """Estimate, low and high per 100 people: whole people, or as many decimals as keep a bound from reading zero."""
    for digits in (0, 1, 2):
        estimate, low, high = (f"{figure * 100:.{digits}f}" for figure in (reading.estimate, reading.low, reading.high))
        if float(low) != 0 and float(high) != 0:
            break
    return estimate, low, high


def _signed(text: str) -> str:
    figure = float(text)
    if figure == 0:
        return "none"
    return f"{text.strip('-')} {'more' if figure > 0 else 'fewer'}"


def _misfit(ratio: SampleRatioCheck) -> str:
    people = ratio.treated + ratio.holdout
    planned = f"{ratio.planned_holdout_share * 100:g} %"
    odds = f"{round(1 / max(ratio.p_value, 1e-9)):,}"
    return (
        f"{ratio.holdout:,} of {people:,} people are in the holdout, where {planned} were planned. "
        f"Chance does that about once in {odds} times: until the cause is found, nothing here is proof."
    )
