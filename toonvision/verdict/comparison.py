"""The baseline and the tuned values on the test set: the scores of each model, and the verdict on both."""

from __future__ import annotations

from dataclasses import dataclass

from toonvision.search_space.space import Values
from toonvision.verdict.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Duration:
    """For how many epochs a model is trained on train + validation, and why.

    Attributes:
        epochs: the most epochs of this training.
        limit: the most epochs that the configuration allows: `training.retrain.max_epochs`, or the number in
            `training.retrain.epochs`.
        best_epochs: the best epoch, counted from 1, of a training with each seed on the train examples alone, judged on
            the validation examples; empty where `training.retrain.epochs` is a number.
        at_limit: whether the model was still improving at `limit`, so that more epochs may give a better one.
    """

    epochs: int
    limit: int
    best_epochs: tuple[int, ...] = ()
    at_limit: bool = False


@dataclass(frozen=True, slots=True)
class ModelScores:
    """One model: trained from scratch on train + validation, then evaluated once on the test set.

    Attributes:
        values: for every name of the search space.
        wrong: number of test examples whose most probable class is not their own.
        loss: on the test set.
        accuracy: share of the test examples that are not wrong.
        metrics: the configured metrics on the test set.
        parameters: number of parameters of the model.
        epochs: number of epochs trained.
        seconds: wall time of the training and the evaluation.
        history: the metrics of the training by epoch; None where a value was not finite.
        duration: what decided for how many epochs it was trained; None in runs of earlier versions.
    """

    values: Values
    wrong: int
    loss: float
    accuracy: float
    metrics: dict[str, float]
    parameters: int
    epochs: int
    seconds: float
    history: dict[str, list[float | None]]
    duration: Duration | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The baseline and the tuned values on the same test examples.

    Attributes:
        test_examples: number of test examples.
        baseline: the model of the values to beat; with several seeds, the model with the median number of wrong
            predictions.
        tuned: the same of the best values found.
        verdict: on the models of all seeds.
    """

    test_examples: int
    baseline: ModelScores
    tuned: ModelScores
    verdict: Verdict
