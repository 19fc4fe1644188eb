"""From the predictions of the baseline's and the tuned models on the test set to a verdict.

The models of a role differ only in their seed. The interval of a role's measure comes from resampling examples: it
shows how much the mean over the seeds varies with the examples, and the values of all seeds, which are kept, show how
much it varies with the seed. The difference between the roles is judged over both: `toonvision.verdict.difference`.
McNemar's test is of the two models that are saved, the median models of both roles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from toonvision.errors import ConfigError, Problem
from toonvision.verdict.difference import difference, share_of_pairs
from toonvision.verdict.interval import Interval, bootstrap_intervals, exact_interval
from toonvision.verdict.mcnemar import mcnemar
from toonvision.verdict.measure import Floats, confusion, cross_entropies, macro_scores
from toonvision.verdict.verdict import Cost, Measure, Scores, Verdict

CONFIDENCE = 0.95
_RESAMPLED = ("wrong", "loss", "precision", "recall", "f1")  # accuracy follows from wrong


@dataclass(frozen=True, slots=True)
class Predictions:
    """The predictions of one role's models on the test examples.

    Attributes:
        probabilities: shape `(seeds, n, n_classes)`.
        cost: what each of these models costs.
    """

    probabilities: NDArray[np.floating]
    cost: Cost


def reach_verdict(
    labels: NDArray[np.int64], class_names: Sequence[str], *, baseline: Predictions, tuned: Predictions, seed: int
) -> Verdict:
    """Compare both roles by their predictions on the same examples.

    Args:
        labels: shape `(n,)`, indices of `class_names`.
        class_names: one for each column of the probabilities.
        baseline: predictions of the baseline's models.
        tuned: predictions of the tuned models; their number of seeds may differ.
        seed: for the resampling.

    Raises:
        ConfigError: if the predictions are not probabilities.
        ValueError: if a shape is wrong.
    """
    answers = [_answers(labels, len(class_names), role.probabilities) for role in (baseline, tuned)]

    def statistics(indices: NDArray[np.int64]) -> Floats:
        return np.concatenate([_means(role, indices) for role in answers])

    held = max(len(labels), len(class_names) ** 2) * max(len(role.wrong) for role in answers)
    ends = bootstrap_intervals(statistics, len(labels), held=held, confidence=CONFIDENCE, seed=seed)
    first, second = (
        _scores(role, predictions.cost, dict(zip(_RESAMPLED, intervals, strict=True)))
        for role, predictions, intervals in (
            (answers[0], baseline, ends[: len(_RESAMPLED)]),
            (answers[1], tuned, ends[len(_RESAMPLED) :]),
        )
    )
    errors = difference(*(role.wrong.astype(np.float64) for role in answers), confidence=CONFIDENCE)
    losses = difference(*(role.losses / len(labels) for role in answers), confidence=CONFIDENCE)
    return Verdict(
        examples=len(labels),
        class_names=tuple(class_names),
        confidence=CONFIDENCE,
        baseline=first,
        tuned=second,
        fewer_wrong=errors.value,
        fewer_wrong_interval=errors.interval,
        test=mcnemar(answers[0].wrong[first.median], answers[1].wrong[second.median]),
        fewer_wrong_p_value=errors.p_value,
        lower_loss=losses.value,
        lower_loss_interval=losses.interval,
        lower_loss_p_value=losses.p_value,
        pairs=share_of_pairs(*(role.wrong.sum(axis=1) for role in answers)),
    )


@dataclass(frozen=True, slots=True)
class _Answers:
    """One role's predictions, each of shape `(seeds, n)`.

    Attributes:
        cells: indices of cells of the confusion matrix (see `confusion`).
        wrong: whether the most probable class is not the label.
        losses: cross-entropies.
        n_classes: number of classes.
    """

    cells: NDArray[np.int64]
    wrong: NDArray[np.bool_]
    losses: Floats
    n_classes: int

    def of_seed(self, index: int) -> _Answers:
        """Return the answers of one model."""
        seed = slice(index, index + 1)
        return _Answers(self.cells[seed], self.wrong[seed], self.losses[seed], self.n_classes)


def _answers(labels: NDArray[np.int64], n_classes: int, probabilities: NDArray[np.floating]) -> _Answers:
    expected = (len(labels), n_classes)
    if probabilities.ndim != 3 or probabilities.shape[1:] != expected or not probabilities.size:
        raise ValueError(
            f"probabilities: expected the shape (seeds, {expected[0]}, {expected[1]}). Received: {probabilities.shape}."
        )
    if not (np.isfinite(probabilities).all() and (probabilities >= 0).all()):
        raise ConfigError(
            Problem(
                "model.output",
                "probabilities, as activation=softmax gives them",
                f"values between {probabilities.min():g} and {probabilities.max():g}",
            )
        )
    predicted = probabilities.argmax(axis=-1)
    losses = cross_entropies(labels, probabilities)
    return _Answers(labels * n_classes + predicted, predicted != labels, losses, n_classes)


def _means(role: _Answers, indices: NDArray[np.int64]) -> Floats:
    """Return the measures, each a mean over the seeds, on samples of the examples.

    Args:
        role: the answers of its models.
        indices: indices of examples, shape `(..., n)`.

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
