"""The verdict as data: both roles on the same test examples, each measure with its seeds and its interval."""

from __future__ import annotations

from dataclasses import dataclass

from toonvision.verdict.interval import Interval
from toonvision.verdict.mcnemar import McNemar

MEASURES = ("wrong", "loss", "accuracy", "precision", "recall", "f1")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a model costs to keep and to use.

    Attributes:
        parameters: number of parameters.
        file_bytes: size of the saved model with the state of its optimizer.
        batch_seconds: median seconds to predict a batch.
        batch_size: number of examples in the batch.
    """

    parameters: int
    file_bytes: int
    batch_seconds: float
    batch_size: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of a role.

    Attributes:
        seeds: the value of each seed's model.
        mean: mean over the seeds.
        interval: confidence interval of the mean; None if every resample of the examples gives the same value.
    """

    seeds: tuple[int | float, ...]
    mean: int | float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Scores:
    """One role on the test set.

    Attributes:
        wrong: number of examples whose most probable class is not their label.
        loss: mean cross-entropy.
        accuracy: share of the examples that are not wrong.
        precision: mean over the classes.
        recall: mean over the classes.
        f1: mean of the classes' F1.
        median: index of the seed with the median number of wrong predictions; the worse of two middle ones.
        confusion: confusion matrix of that model: one row per true class, one column per predicted class.
        cost: what each model costs.
    """

    wrong: Measure
    loss: Measure
    accuracy: Measure
    precision: Measure
    recall: Measure
    f1: Measure
    median: int
    confusion: tuple[tuple[int, ...], ...]
    cost: Cost

    @property
    def median_wrong(self) -> int:
        """Number of wrong predictions of the median model."""
        return int(self.wrong.seeds[self.median])


@dataclass(frozen=True, slots=True)
class Verdict:
    """The tuned models against the baseline's, on the same test examples.

    Attributes:
        examples: number of test examples.
        class_names: names in the order of the confusion matrices.
        confidence: level of all intervals.
        baseline: scores of the models with the values to beat.
        tuned: scores of the models with the best values found.
        fewer_wrong: mean wrong predictions of the baseline minus those of the tuned models.
        fewer_wrong_interval: confidence interval of `fewer_wrong` over seeds and examples; None with one seed in a
            role, or where nothing varies. In runs of earlier versions, which have no `pairs`, over examples only.
        test: McNemar's test of the two models that are saved, the median models of both roles. It says nothing of other
            seeds.
        fewer_wrong_p_value: of `fewer_wrong`, two-sided; None where there is no interval over seeds and examples.
        lower_loss: mean loss of the baseline minus that of the tuned models; None in runs of earlier versions.
        lower_loss_interval: as that of `fewer_wrong`.
        lower_loss_p_value: as that of `fewer_wrong`.
        pairs: share of the pairs of a tuned and a baseline model in which the tuned one makes fewer errors; a tie
            counts half.
    """

    examples: int
    class_names: tuple[str, ...]
    confidence: float
    baseline: Scores
    tuned: Scores
    fewer_wrong: int | float
    fewer_wrong_interval: Interval | None
    test: McNemar
    fewer_wrong_p_value: float | None = None
    lower_loss: float | None = None
    lower_loss_interval: Interval | None = None
    lower_loss_p_value: float | None = None
    pairs: float | None = None

    @property
    def is_significant(self) -> bool:
        """Whether other seeds and other examples rarely make means that differ so much."""
        return self.fewer_wrong_p_value is not None and self.fewer_wrong_p_value < 1 - self.confidence

    def dead(self, scores: Scores) -> int:
        """Return how many models of a role make as many errors as one that always names the most frequent class."""
        most_frequent = max(sum(row) for row in scores.confusion)
        return sum(wrong >= self.examples - most_frequent for wrong in scores.wrong.seeds)
