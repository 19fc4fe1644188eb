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
        threshold: from which probability on the second of two classes is named: the median of what is best on the
            validation examples at these epochs. None for other tasks, and where no epoch was chosen.
    """

    epochs: int
    limit: int
    best_epochs: tuple[int, ...] = ()
    at_limit: bool = False
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class ModelScores:
    """One model: trained from scratch on train + validation, then evaluated once on the test set.

    Attributes:
        values: for every name of the search space.
        scores: the measures of the task on the test set but its details, by name, the decisive one first.
        loss: on the test set, with what layers add to it.
        metrics: the configured metrics on the test set.
        parameters: number of parameters of the model.
        epochs: number of epochs trained.
        seconds: wall time of the training and the evaluation.
        history: the metrics of the training by epoch; None where a value was not finite.
        duration: what decided for how many epochs it was trained; None in runs of earlier versions.
    """

    values: Values
    scores: dict[str, int | float]
    loss: float
    metrics: dict[str, float]
    parameters: int
    epochs: int
    seconds: float
    history: dict[str, list[float | None]]
    duration: Duration | None = None

    @property
    def headline(self) -> dict[str, int | float]:
        """The decisive measure, the loss and the other measures, as tables show them."""
        first = next(iter(self.scores))
        return {first: self.scores[first], "loss": self.loss, **self.scores}

    @property
    def all_scores(self) -> dict[str, int | float]:
        """The same with the metrics; a measure of the same name wins."""
        return {**self.headline, **{name: v for name, v in self.metrics.items() if name not in self.headline}}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The baseline and the tuned values on the same test examples.

    Attributes:
        test_examples: number of test examples.
        baseline: the model of the values to beat; with several seeds, the model with the median of the decisive
            measure.
        tuned: the same of the best values found.
        verdict: on the models of all seeds.
    """

    test_examples: int
    baseline: ModelScores
    tuned: ModelScores
    verdict: Verdict
