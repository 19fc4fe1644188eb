"""From the predictions of the baseline's and the tuned models on the test set to a verdict.

The models of a role differ only in their seed. The interval of a role's measure comes from resampling examples: it
shows how much the mean over the seeds varies with the examples, and the values of all seeds, which are kept, show how
much it varies with the seed. The difference between the roles is judged over both: `toonvision.verdict.difference`.
McNemar's test is of the two models that are saved, the median models of both roles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toonvision.verdict.difference import Difference, difference, share_of_pairs
from toonvision.verdict.interval import Interval, bootstrap_intervals, exact_interval
from toonvision.verdict.judge import Answers, Indices, Judge, Role
from toonvision.verdict.mcnemar import McNemar, mcnemar
from toonvision.verdict.measure import Floats
from toonvision.verdict.verdict import Kind, Measure, Scores, Verdict

CONFIDENCE = 0.95


def reach_verdict(
    judge: Judge, labels: NDArray[Any], class_names: Sequence[str], *, baseline: Role, tuned: Role, seed: int
) -> Verdict:
    """Compare both roles by their predictions on the same examples.

    Args:
        judge: the task.
        labels: of `n` examples, in the task's shape.
        class_names: names of the classes, the labels or the targets.
        baseline: predictions of the baseline's models.
        tuned: predictions of the tuned models; their number of seeds may differ.
        seed: for the resampling.

    Raises:
        ConfigError: if no model of this task predicts such values.
        ValueError: if a shape is wrong.
    """
    roles = (baseline, tuned)
    for role in roles:
        expected, shape = (len(labels), judge.units(len(class_names))), role.predictions.shape
        if len(shape) != 3 or shape[1:] != expected or not role.predictions.size:
            raise ValueError(
                f"predictions: expected the shape (seeds, {expected[0]}, {expected[1]}). Received: {shape}."
            )
    answers = [judge.answers(labels, role.predictions, role.threshold) for role in roles]
    resampled = [kind.name for kind in judge.kinds if kind.share_of is None]

    def statistics(indices: Indices) -> Floats:
        means = [role.means(indices) for role in answers]
        return np.stack([role[name] for role in means for name in resampled])

    held = max(role.predictions.size for role in roles)
    ends = bootstrap_intervals(statistics, len(labels), held=held, confidence=CONFIDENCE, seed=seed)
    first, second = (
        _scores(judge, labels, role, said, dict(zip(resampled, intervals, strict=True)))
        for role, said, intervals in zip(roles, answers, (ends[: len(resampled)], ends[len(resampled) :]), strict=True)
    )
    decisive = judge.kinds[0]
    by_seed = [[decisive.cost(v) for v in scores.measures[decisive.name].seeds] for scores in (first, second)]
    return Verdict(
        task=judge.name,
        kinds=judge.kinds,
        examples=len(labels),
        class_names=tuple(class_names),
        confidence=CONFIDENCE,
        trivial=judge.trivial(labels),
        baseline=first,
        tuned=second,
        differences={
            kind.name: _difference(kind, answers) for kind in judge.kinds if kind.name in answers[0].by_example
        },
        pairs=share_of_pairs(*map(np.array, by_seed)),
        test=_mcnemar(judge, answers, (first.median, second.median)),
    )


def measured(
    judge: Judge, labels: NDArray[Any], predictions: NDArray[np.floating], threshold: float | None = None
) -> dict[str, int | float]:
    """Return every measure of one model.

    Args:
        judge: the task.
        labels: of `n` examples.
        predictions: shape `(n, units)`.
        threshold: of the model (see `Scores.threshold`).
    """
    examples = len(labels)
    found = judge.answers(labels, predictions[None], threshold).means(np.arange(examples))
    values: dict[str, int | float] = {}
    for kind in judge.kinds:
        if kind.share_of:
            values[kind.name] = 1 - values[kind.share_of] / examples
        else:
            values[kind.name] = round(float(found[kind.name])) if kind.is_count else float(found[kind.name])
    return values


def _mcnemar(judge: Judge, answers: Sequence[Answers], medians: tuple[int, int]) -> McNemar | None:
    """Return the test of the models that are saved, by what the task counts; None if it counts nothing."""
    counted = [kind.name for kind in judge.kinds if kind.is_count]
    if not counted:
        return None
    return mcnemar(*(role.by_example[counted[0]][model] > 0 for role, model in zip(answers, medians, strict=True)))


def _difference(kind: Kind, answers: Sequence[Answers]) -> Difference:
    by_example = [role.by_example[kind.name].astype(np.float64) for role in answers]
    return difference(
        *(values if kind.is_count else values / values.shape[1] for values in by_example), confidence=CONFIDENCE
    )


def _scores(
    judge: Judge, labels: NDArray[Any], role: Role, answers: Answers, intervals: dict[str, Interval | None]
) -> Scores:
    examples, seeds = len(labels), range(len(role.predictions))
    by_seed = [measured(judge, labels, predictions, role.threshold) for predictions in role.predictions]
    measures: dict[str, Measure] = {}
    for kind in judge.kinds:
        values = tuple(model[kind.name] for model in by_seed)
        interval = intervals.get(kind.name)
        mean = float(np.mean(values))
        if kind.share_of:
            low, high = measures[kind.share_of].interval or (0.0, float(examples))
            interval = (1 - high / examples, 1 - low / examples)
        elif kind.is_count and interval is None:
            interval = exact_interval(round(mean), examples, CONFIDENCE)
        measures[kind.name] = Measure(values, mean, interval)
    median = sorted(seeds, key=lambda index: [k.cost(by_seed[index][k.name]) for k in judge.kinds])[len(seeds) // 2]
    matrix = answers.confusion(median)
    return Scores(
        measures=measures,
        median=median,
        confusion=None if matrix is None else tuple(tuple(row) for row in matrix.tolist()),
        cost=role.cost,
        threshold=role.threshold,
    )
