"""Are the groups as large as chance allows? If not, people were lost on one side and no comparison can be trusted."""

from scipy.stats import binomtest

from kembali.measure.contracts import SampleRatioCheck

# A page is looked at often and a false alarm costs trust: one in a thousand, the usual level for this check.
ALARM_BELOW = 0.001


def check_sample_ratio(*, treated: int, holdout: int, planned_holdout_share: float) -> SampleRatioCheck:
    """Return the exact two-sided binomial probability of a split at least this far from the plan.

    No people, no evidence: an empty experiment fits.

    Raises:
        ValueError: the planned share is not between 0 and 1, or a count is negative.
    """
    if not 0 <= planned_holdout_share <= 1 or min(treated, holdout) < 0:
        raise ValueError("a sample ratio needs counts of people and a planned share between 0 and 1")
    people = treated + holdout
    p_value = float(binomtest(holdout, people, planned_holdout_share).pvalue) if people else 1.0
    return SampleRatioCheck(
        treated=treated,
        holdout=holdout,
        planned_holdout_share=planned_holdout_share,
        p_value=p_value,
        fits=p_value >= ALARM_BELOW,
    )
