"""A verdict as plain data: both roles on the same test examples, each measure with its seeds and its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toonvision.verdict.interval import Interval
from toonvision.verdict.mcnemar import McNemar

MEASURES = ("wrong", "loss", "accuracy", "precision", "recall", "f1")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a model costs to keep and to use.

    Attributes:
        parameters: of the model.
        file_bytes: size of the saved model, with the state of its optimizer.
        batch_seconds: median seconds to predict a batch.
        batch_size: examples in it.
    """

    parameters: int
    file_bytes: int
    batch_seconds: float
    batch_size: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of a role.

    Attributes:
        seeds: its value for the model of every seed.
        mean: of these.
        interval: of the mean at the verdict's confidence; None if it is the same in every resample of the examples.
    """

    seeds: tuple[float, ...]
    mean: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Scores:
    """One role on the test set.

    Attributes:
        wrong: examples whose most probable class is not theirs.
        loss: mean cross-entropy.
        accuracy: share of the examples that are not wrong.
        precision: mean over the classes, as recall and f1 are.
        recall: as above.
        f1: the mean of the classes' F1.
        median: index of the seed whose model has the median of wrong; of two in the middle the worse.
        confusion: of that model: a row for every true class, a column for every predicted one.
        cost: of each model.
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
        """Wrong predictions of the median model."""
        return int(self.wrong.seeds[self.median])


@dataclass(frozen=True, slots=True)
class Verdict:
    """The tuned models against the baseline's, on the same test examples.

    Attributes:
        examples: how many there are.
        class_names: in the order of the confusion matrices.
        confidence: of every interval.
        baseline: the models of the values to beat.
        tuned: the models of the best values found.
        fewer_wrong: mean of the baseline's wrong predictions less that of the tuned ones.
        fewer_wrong_interval: of that; None if all models are right and wrong on the same examples.
        test: McNemar's, between the median models of both roles.
    """

    examples: int
    class_names: tuple[str, ...]
    confidence: float
    baseline: Scores
    tuned: Scores
    fewer_wrong: float
    fewer_wrong_interval: Interval | None
    test: McNemar

    @property
    def is_significant(self) -> bool:
        """Whether chance alone would rarely make the median models differ so much."""
        return self.test.p_value < 1 - self.confidence

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Verdict:
        """Return what `dataclasses.asdict` has made plain, also after a way through JSON."""
        roles = {role: _scores_from(stored[role]) for role in ("baseline", "tuned")}
        return cls(
            **{
                **stored,
                **roles,
                "class_names": tuple(stored["class_names"]),
                "fewer_wrong_interval": _pair(stored["fewer_wrong_interval"]),
                "test": McNemar(**stored["test"]),
            }
        )


def _scores_from(stored: Mapping[str, Any]) -> Scores:
    measures = {
        name: Measure(tuple(stored[name]["seeds"]), stored[name]["mean"], _pair(stored[name]["interval"]))
        for name in MEASURES
    }
    matrix = tuple(tuple(row) for row in stored["confusion"])
    return Scores(**measures, median=stored["median"], confusion=matrix, cost=Cost(**stored["cost"]))


def _pair(stored: Sequence[float] | None) -> Interval | None:
    return None if stored is None else (stored[0], stored[1])
