"""The verdict in sentences that claim no more than the tests show."""

from __future__ import annotations

from collections.abc import Sequence

from toonvision.verdict.comparison import Comparison, ModelScores
from toonvision.verdict.verdict import Verdict


def in_words(comparison: Comparison) -> str:
    """Return all sentences of the comparison as one text."""
    return " ".join(sentences(comparison))


def sentences(comparison: Comparison) -> list[str]:
    """Return the verdict: the means, whether chance can explain their difference, and the errors of each training.

    A role that learned nothing, or was still improving at the limit of its epochs, is named.
    """
    verdict = comparison.verdict
    baseline, tuned = verdict.baseline.wrong, verdict.tuned.wrong
    several = len(tuned.seeds) > 1
    subject, average = ("The tuned models make", " on average") if several else ("The tuned model makes", "")
    size = _size(verdict.tuned.cost.parameters, verdict.baseline.cost.parameters)
    if tuned.mean == baseline.mean:
        errors = f"as many errors as the baseline, {_number(tuned.mean)} of {verdict.examples}{average}"
    else:
        comparative = "fewer" if tuned.mean < baseline.mean else "more"
        numbers = f"{_number(tuned.mean)} against {_number(baseline.mean)} of {verdict.examples}{average}"
        errors = f"{comparative} errors than the baseline, {numbers}{_chance(verdict, comparative)}"
    said = [f"{subject} {errors}, with {size}."]
    if verdict.pairs is None or not several:
        p_value = _p_value(verdict.test.p_value)
        said.append(f"This is a comparison of two saved models ({p_value}, McNemar's test), not of all trainings.")
    elif tuned.mean != baseline.mean and not verdict.is_significant:
        said.append("Other seeds or other examples alone can make such a difference.")
    elif tuned.mean > baseline.mean:
        said.append("The search did not help.")
    if several:
        said.append(f"By seed: {_listed(tuned.seeds)} against {_listed(baseline.seeds)}{_pairs(verdict)}.")
    for role, scores in (("baseline", verdict.baseline), ("tuned values", verdict.tuned)):
        if dead := verdict.dead(scores):
            said.append(
                f"Of the trainings of the {role}, {dead} of {len(scores.wrong.seeds)} learned nothing: "
                "no fewer errors than always the most frequent class."
            )
    for role, judged in (("baseline", comparison.baseline), ("tuned", comparison.tuned)):
        if still_improving(role, judged):
            said.append(f"The comparison is unfair to the {role} model, which was still improving at its last epochs.")
    return said


def still_improving(role: str, judged: ModelScores) -> str | None:
    """Return that a model was still improving at the limit of its epochs, and what to raise; None if it was not."""
    duration = judged.duration
    if duration is None or not duration.at_limit:
        return None
    key = "max_epochs" if duration.best_epochs else "epochs"
    limit = f"{duration.limit} epoch{'s' if duration.limit > 1 else ''}"
    return f"The {role} model was still improving at the limit of {limit}: raise training.retrain.{key}."


def _chance(verdict: Verdict, comparative: str) -> str:
    """Return the difference with its interval and p-value; empty where there is none."""
    if verdict.fewer_wrong_interval is None or verdict.fewer_wrong_p_value is None:
        return ""
    sign = 1 if comparative == "fewer" else -1
    low, high = sorted(sign * end for end in verdict.fewer_wrong_interval)
    ends = f"{verdict.confidence:.0%} interval {_number(low)} to {_number(high)}".replace("%", " %")
    return f": {_number(abs(verdict.fewer_wrong))} {comparative} ({ends}, {_p_value(verdict.fewer_wrong_p_value)})"


def _pairs(verdict: Verdict) -> str:
    if verdict.pairs is None:
        return ""
    return f"; a tuned model makes fewer errors in {100 * verdict.pairs:.0f} % of the pairs"


def _listed(seeds: Sequence[int | float]) -> str:
    return ", ".join(_number(value) for value in seeds)


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
