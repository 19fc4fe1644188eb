"""The verdict in sentences that claim no more than the tests show."""

from __future__ import annotations

from collections.abc import Sequence

from toonvision.console import readable
from toonvision.verdict.comparison import Comparison, ModelScores
from toonvision.verdict.verdict import Kind, Verdict


def in_words(comparison: Comparison) -> str:
    """Return all sentences of the comparison as one text."""
    return " ".join(sentences(comparison))


def sentences(comparison: Comparison) -> list[str]:
    """Return the verdict: the means, whether chance can explain their difference, and the result of each training.

    A role that learned nothing, or was still improving at the limit of its epochs, is named.
    """
    verdict = comparison.verdict
    baseline, tuned = verdict.of(verdict.baseline), verdict.of(verdict.tuned)
    several = len(tuned.seeds) > 1
    said = [
        f"{_lead(verdict, several)}, with {_size(verdict.tuned.cost.parameters, verdict.baseline.cost.parameters)}."
    ]
    if verdict.pairs is None or not several:
        test = f" ({_p_value(verdict.test.p_value)}, McNemar's test)" if verdict.test else ""
        said.append(f"This is a comparison of two saved models{test}, not of all trainings.")
    elif tuned.mean != baseline.mean and not verdict.is_significant:
        said.append("Other seeds or other examples alone can make such a difference.")
    elif verdict.tuned_is_worse:
        said.append("The search did not help.")
    if several:
        seeds = f"{_listed(verdict, tuned.seeds)} against {_listed(verdict, baseline.seeds)}"
        said.append(f"By seed: {seeds}{_pairs(verdict)}.")
    for role, scores in (("baseline", verdict.baseline), ("tuned values", verdict.tuned)):
        if dead := verdict.dead(scores):
            said.append(
                f"Of the trainings of the {role}, {dead} of {len(verdict.of(scores).seeds)} {learned_nothing(verdict)}"
            )
    for role, judged in (("baseline", comparison.baseline), ("tuned", comparison.tuned)):
        if still_improving(role, judged):
            said.append(f"The comparison is unfair to the {role} model, which was still improving at its last epochs.")
    return said


def learned_nothing(verdict: Verdict) -> str:
    """Return what is said of trainings that are not better than the best constant answer."""
    if verdict.decisive.is_count:
        return "learned nothing: no fewer errors than always the most frequent class."
    return f"learned nothing: no better {verdict.decisive.noun} than the best constant answer."


def still_improving(role: str, judged: ModelScores) -> str | None:
    """Return that a model was still improving at the limit of its epochs, and what to raise; None if it was not."""
    duration = judged.duration
    if duration is None or not duration.at_limit:
        return None
    key = "max_epochs" if duration.best_epochs else "epochs"
    limit = f"{duration.limit} epoch{'s' if duration.limit > 1 else ''}"
    return f"The {role} model was still improving at the limit of {limit}: raise training.retrain.{key}."


def _lead(verdict: Verdict, several: bool) -> str:
    """Return the first sentence up to the size of the models, without a full stop."""
    kind, baseline, tuned = verdict.decisive, verdict.of(verdict.baseline).mean, verdict.of(verdict.tuned).mean
    subject, average = ("The tuned models", " on average") if several else ("The tuned model", "")
    verb = ("make" if several else "makes") if kind.is_count else ("have" if several else "has")
    of = f" of {verdict.examples:,}" if kind.is_count else ""
    if tuned == baseline:
        same = f"as many {kind.noun} as" if kind.is_count else f"the same {kind.noun} as"
        return f"{subject} {verb} {same} the baseline, {_shown(kind, tuned)}{of}{average}"
    less, more = ("fewer", "more") if kind.is_count else ("lower", "higher")
    comparative = less if tuned < baseline else more
    what = f"{comparative} {kind.noun}" if kind.is_count else f"a {comparative} {kind.noun}"
    numbers = f"{_shown(kind, tuned)} against {_shown(kind, baseline)}{of}{average}"
    return f"{subject} {verb} {what} than the baseline, {numbers}{_chance(verdict, comparative)}"


def _chance(verdict: Verdict, comparative: str) -> str:
    """Return the difference with its interval and p-value; empty where there is none."""
    kind, found = verdict.decisive, verdict.difference
    if found.interval is None or found.p_value is None:
        return ""
    sign = 1 if comparative in ("fewer", "lower") else -1
    low, high = sorted(sign * end for end in found.interval)
    ends = f"{verdict.confidence:.0%} interval {_shown(kind, low, 3)} to {_shown(kind, high, 3)}".replace("%", " %")
    return f": {_shown(kind, abs(found.value), 3)} {comparative} ({ends}, {_p_value(found.p_value)})"


def _pairs(verdict: Verdict) -> str:
    if verdict.pairs is None:
        return ""
    better = "makes fewer errors" if verdict.decisive.is_count else "is better"
    return f"; a tuned model {better} in {100 * verdict.pairs:.0f} % of the pairs"


def _listed(verdict: Verdict, seeds: Sequence[int | float]) -> str:
    return ", ".join(_shown(verdict.decisive, value) for value in seeds)


def _shown(kind: Kind, value: float, digits: int = 4) -> str:
    """Return a count with one decimal, or none if it is zero; any other value with so many digits."""
    return _number(value) if kind.is_count else readable(value, digits)


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
