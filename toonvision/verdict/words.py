"""The verdict in one sentence that claims no more than the test shows."""

from __future__ import annotations

from toonvision.verdict.verdict import Scores, Verdict


def in_words(verdict: Verdict) -> str:
    """Describe which role makes fewer errors, whether chance can explain it, and how the sizes compare.

    The errors are those of the median models, which the test compares. With several seeds, the means follow.
    """
    baseline, tuned = verdict.baseline.median_wrong, verdict.tuned.median_wrong
    p_value = _p_value(verdict.test.p_value)
    size = _size(verdict.tuned.cost.parameters, verdict.baseline.cost.parameters)
    more = "fewer" if tuned < baseline else "more"
    errors = f"The tuned model makes {more} errors than the baseline, {tuned} against {baseline} of {verdict.examples}"
    if tuned == baseline:
        sentence = f"The tuned model makes as many errors as the baseline, {tuned} of {verdict.examples}, with {size}"
    elif not verdict.is_significant:
        sentence = f"{errors}, with {size}; but chance alone can make such a difference, {p_value}"
    elif tuned < baseline:
        sentence = f"{errors}, {p_value}, with {size}"
    else:
        sentence = f"{errors}, {p_value}, with {size}: the search did not help"
    return f"{sentence}{_means(verdict.baseline, verdict.tuned)}."


def _means(baseline: Scores, tuned: Scores) -> str:
    """Return the means; empty with one seed per role, whose errors are the means."""
    if len(baseline.wrong.seeds) == len(tuned.wrong.seeds) == 1:
        return ""
    return (
        f" (medians over the seeds; the means are {_number(tuned.wrong.mean)} against {_number(baseline.wrong.mean)})"
    )


def _p_value(p_value: float) -> str:
    return f"p = {p_value:.2g}" if p_value >= 0.001 else "p < 0.001"


def _size(tuned: int, baseline: int) -> str:
    ratio = tuned / baseline
    if tuned == baseline:
        return "as many parameters"
    if ratio >= 2:
        return f"{_number(ratio)} times the parameters"
    percent = 100 * abs(1 - ratio)
    number = f"{percent:.0f}" if 1 <= percent < 99 else f"{percent:.2g}" if percent < 1 else f"{percent:.4g}"
    return f"{number} % {'more' if tuned > baseline else 'fewer'} parameters"


def _number(value: float) -> str:
    """Return the number with one decimal, or none if it is zero."""
    return f"{value:,.1f}".removesuffix(".0")
