"""From the predictions of the baseline's and the tuned models on the test set to a verdict.

Several models of a role differ in nothing but their seed. Intervals are of the mean over them, by resampling examples:
they say how far the numbers would move on other examples of the same kind. How far they move with the seed is seen from
the seeds themselves, which are all kept. McNemar's test needs one answer a model and example, and to pool the seeds
would count every example several times; so it is made between the median models, neither the luckiest nor the
unluckiest of each role.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from toonvision.errors import ConfigError
from toonvision.verdict.interval import Interval, bootstrap_intervals, exact_interval
from toonvision.verdict.mcnemar import mcnemar
from toonvision.verdict.measure import Floats, confusion, cross_entropies, macro_scores
from toonvision.verdict.verdict import Cost, Measure, Scores, Verdict

CONFIDENCE = 0.95
_RESAMPLED = ("wrong", "loss", "precision", "recall", "f1")  # accuracy follows from wrong


@dataclass(frozen=True, slots=True)
class Predictions:
    """What one role's models say of the test examples.

    Attributes:
        probabilities: shape `(seeds, n, n_classes)`.
        cost: of each of these models.
    """

    probabilities: NDArray[np.floating]
    cost: Cost


def reach_verdict(
    labels: NDArray[np.int64], class_names: Sequence[str], *, baseline: Predictions, tuned: Predictions, seed: int
) -> Verdict:
    """Judge both roles by their predictions on the same examples.

    Args:
        labels: shape `(n,)`, indices of `class_names`.
        class_names: one for each probability.
        baseline: predictions of the baseline's models.
        tuned: of the tuned ones; there may be more or fewer seeds.
        seed: of the resampling.

    Raises:
        ConfigError: if the predictions are not probabilities.
        ValueError: if shapes do not fit.
    """
    answers = [_answers(labels, len(class_names), role.probabilities) for role in (baseline, tuned)]

    def statistics(indices: NDArray[np.int64]) -> Floats:
        first, second = (_means(role, indices) for role in answers)
        return np.concatenate([first, second, first[:1] - second[:1]])

    held = max(len(labels), len(class_names) ** 2) * max(len(role.wrong) for role in answers)
    ends = bootstrap_intervals(statistics, len(labels), held=held, confidence=CONFIDENCE, seed=seed)
    first, second = (
        _scores(role, predictions.cost, dict(zip(_RESAMPLED, intervals, strict=True)))
        for role, predictions, intervals in (
            (answers[0], baseline, ends[: len(_RESAMPLED)]),
            (answers[1], tuned, ends[len(_RESAMPLED) : -1]),
        )
    )
    return Verdict(
        examples=len(labels),
        class_names=tuple(class_names),
        confidence=CONFIDENCE,
        baseline=first,
        tuned=second,
        fewer_wrong=first.wrong.mean - second.wrong.mean,
        fewer_wrong_interval=ends[-1],
        test=mcnemar(answers[0].wrong[first.median], answers[1].wrong[second.median]),
    )


@dataclass(frozen=True, slots=True)
class _Answers:
    """One role's predictions, each of shape `(seeds, n)`.

    Attributes:
        cells: of the confusion matrices (see `confusion`).
        wrong: whether the most probable class is another.
        losses: cross-entropies.
    """

    cells: NDArray[np.int64]
    wrong: NDArray[np.bool_]
    losses: Floats
    n_classes: int

    def of_seed(self, index: int) -> _Answers:
        """The answers of one model."""
        one = slice(index, index + 1)
        return _Answers(self.cells[one], self.wrong[one], self.losses[one], self.n_classes)


def _answers(labels: NDArray[np.int64], n_classes: int, probabilities: NDArray[np.floating]) -> _Answers:
    expected = (len(labels), n_classes)
    if probabilities.ndim != 3 or probabilities.shape[1:] != expected or not probabilities.size:
        raise ValueError(
            f"probabilities: expected the shape (seeds, {expected[0]}, {expected[1]}). Received: {probabilities.shape}."
        )
    if not (np.isfinite(probabilities).all() and (probabilities >= 0).all()):
        raise ConfigError(
            "model.output: expected probabilities, as activation=softmax gives them. Received: values between "
            f"{probabilities.min():g} and {probabilities.max():g}."
        )
    predicted = probabilities.argmax(axis=-1)
    losses = cross_entropies(labels, probabilities)
    return _Answers(labels * n_classes + predicted, predicted != labels, losses, n_classes)


def _means(role: _Answers, indices: NDArray[np.int64]) -> Floats:
    """Return the resampled measures, means over the seeds, on samples of the examples.

    Args:
        role: the answers of its models.
        indices: of examples, shape `(..., n)`.

    Returns:
        Shape `(5, ...)`.
    """
    macro = macro_scores(confusion(role.cells[:, indices], role.n_classes)).mean(axis=1)
    wrong, loss = role.wrong.mean(axis=0)[indices].sum(axis=-1), role.losses.mean(axis=0)[indices].mean(axis=-1)
    return np.stack([wrong, loss, *macro])


def _scores(role: _Answers, cost: Cost, intervals: Mapping[str, Interval | None]) -> Scores:
    seeds, examples = role.wrong.shape
    everything = np.arange(examples)
    by_seed = np.stack([_means(role.of_seed(index), everything) for index in range(seeds)], axis=-1).tolist()
    measures = {
        name: Measure(tuple(values), float(np.mean(values)), intervals[name])
        for name, values in zip(_RESAMPLED, by_seed, strict=True)
    }
    wrong = measures["wrong"]
    if wrong.interval is None:
        wrong = replace(wrong, interval=exact_interval(round(wrong.mean), examples, CONFIDENCE))
    ranked = sorted(range(seeds), key=lambda index: (wrong.seeds[index], measures["loss"].seeds[index]))
    median = ranked[seeds // 2]
    return Scores(
        **{**measures, "wrong": wrong},
        accuracy=_accuracy(wrong, examples),
        median=median,
        confusion=tuple(tuple(row) for row in confusion(role.cells[median], role.n_classes).tolist()),
        cost=cost,
    )


def _accuracy(wrong: Measure, examples: int) -> Measure:
    assert wrong.interval is not None
    low, high = wrong.interval
    right = tuple(1 - value / examples for value in wrong.seeds)
    return Measure(right, 1 - wrong.mean / examples, (1 - high / examples, 1 - low / examples))
