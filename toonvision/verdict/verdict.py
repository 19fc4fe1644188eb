"""The verdict as data: both roles on the same test examples, each measure with its seeds and its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from toonvision.verdict.difference import Difference
from toonvision.verdict.interval import Interval
from toonvision.verdict.mcnemar import McNemar


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
class Kind:
    """What a measure is.

    Attributes:
        name: in files and tables, for example `wrong` or `auc`.
        noun: in sentences, for example `errors` or `area under the ROC curve`.
        better: whether a low value (`min`) or a high one (`max`) is better.
        is_count: whether it is a number of examples; else it is a mean.
        share_of: the count of which it is the share of the other examples, as accuracy is of `wrong`; None for none.
        is_detail: whether only the page and the files show it, not the tables of the terminal and for articles.
    """

    name: str
    noun: str
    better: Literal["min", "max"] = "min"
    is_count: bool = False
    share_of: str | None = None
    is_detail: bool = False

    def cost(self, value: float) -> float:
        """Return a value of which less is better."""
        return value if self.better == "min" else -value


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
        measures: by name, those of the task.
        median: index of the seed with the median of the decisive measure; the worse of two middle ones.
        confusion: of that model: one row for each true class, one column for each predicted one. None for a task that
            does not give one class to each example.
        cost: what each model costs.
        threshold: from which probability on that model names the second of two classes; None where the most probable
            class is named.
    """

    measures: dict[str, Measure]
    median: int
    confusion: tuple[tuple[int, ...], ...] | None
    cost: Cost
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The tuned models against the baseline's, on the same test examples.

    Attributes:
        task: name of the task.
        kinds: of the measures; the first one is decisive.
        examples: number of test examples.
        class_names: names of the classes, the labels or the targets.
        confidence: level of all intervals.
        trivial: the decisive measure of the best constant answer.
        baseline: scores of the models with the values to beat.
        tuned: scores of the models with the best values found.
        differences: of the means over the seeds, baseline less tuned, by measure; those that are judged over seeds and
            examples. In runs of earlier versions, which have no `pairs`, the interval of `wrong` is over examples only.
        pairs: share of the pairs of a tuned and a baseline model in which the tuned one is better; a tie counts half.
        test: McNemar's test of the two models that are saved, the median models of both roles; None where no answer is
            right or wrong. It says nothing of other seeds.
    """

    task: str
    kinds: tuple[Kind, ...]
    examples: int
    class_names: tuple[str, ...]
    confidence: float
    trivial: float
    baseline: Scores
    tuned: Scores
    differences: dict[str, Difference]
    pairs: float | None
    test: McNemar | None

    @property
    def decisive(self) -> Kind:
        """The measure by which the roles are compared."""
        return self.kinds[0]

    @property
    def difference(self) -> Difference:
        """The difference of the decisive measure."""
        return self.differences[self.decisive.name]

    @property
    def tuned_is_worse(self) -> bool:
        """Whether the tuned models are worse than the baseline's on average."""
        return self.decisive.cost(self.difference.value) < 0

    @property
    def is_significant(self) -> bool:
        """Whether other seeds and other examples rarely make means that differ so much."""
        p_value = self.difference.p_value
        return p_value is not None and p_value < 1 - self.confidence

    def of(self, scores: Scores) -> Measure:
        """Return the decisive measure of a role."""
        return scores.measures[self.decisive.name]

    def dead(self, scores: Scores) -> int:
        """Return how many models of a role are not better than the best constant answer."""
        cost = self.decisive.cost
        return sum(cost(value) >= cost(self.trivial) for value in self.of(scores).seeds)
