"""The schemas of the config groups: types, bounds and allowed values, each stated once.

`RunConfig` holds what is the same for all trials, `TrialConfig` what may depend on a trial's values. A key that is
added after version 0.1 needs a default, with which the runs of earlier versions are read.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    Field,
    PrivateAttr,
)

from toonvision.config.graph import ModelConfig
from toonvision.config.node import Node, NodeField, Nodes, OptionalNodes
from toonvision.config.parse import parse
from toonvision.config.resolve import Composition, Resolver
from toonvision.config.training_schema import FinalTraining, Training
from toonvision.config.tree import Tree, leaves
from toonvision.search_space.space import Space, Values, complete, defaults
from toonvision.trial.bounds import (
    Count,
    CountOrZero,
    Distance,
    OptionalCount,
    Seed,
    expecting,
)
from toonvision.trial.budget import Budget
from toonvision.trial.objective import Objective

TRIAL_GROUPS = ("dataset", "model", "training")  # the groups that may refer to a trial's values


class Constraints(BaseModel, frozen=True, extra="forbid", strict=True):
    """What a model of the search must satisfy to be trained."""

    max_parameters: OptionalCount = None


MULTICLASS = Node("toonvision.task.multiclass.Multiclass")  # of runs of earlier versions, which had no other task
Backend = Literal["tensorflow", "jax", "torch"]


class TrialConfig(BaseModel, frozen=True, extra="forbid", strict=True):
    """The configuration of one trial, every value resolved. It crosses the process border.

    Attributes:
        values: a value for every name of the search space.
        final: of a training after the search, which `toonvision.search.final_trainings` makes of a trial.
    """

    values: Values
    seed: Seed
    backend: Backend
    deterministic: bool = False
    task: NodeField = MULTICLASS
    dataset: NodeField
    model: ModelConfig
    training: Training
    objective: Objective
    constraints: Constraints
    final: FinalTraining | None = None


class NarrowingOptions(BaseModel, frozen=True, extra="forbid", strict=True):
    """What counts as a good trial, and which cuts are wanted.

    Attributes:
        quantile: share of the trials that could be built which count as good, the best ones.
        threshold: trials with a better score count as good, whatever their share; None for the quantile.
        accept: the only hyperparameters to cut; empty for all.
        refuse: hyperparameters that are not cut.
    """

    quantile: Annotated[float, Field(gt=0, lt=1), expecting("a share between 0 and 1")] = 0.25
    threshold: Annotated[Annotated[float, Field(allow_inf_nan=False)] | None, expecting("a finite number")] = None
    accept: Annotated[list[str], expecting("a list of hyperparameters")] = []
    refuse: Annotated[list[str], expecting("a list of hyperparameters")] = []


class Strategy(BaseModel, frozen=True, extra="forbid", strict=True):
    """The rounds of a search by name, each a tuner, and how the space is narrowed between them."""

    rounds: Annotated[Nodes, Field(min_length=1)]
    narrowing: NarrowingOptions | None = None


FirstField = Annotated[
    str | dict[str, Any], expecting("baseline, the path of a file of values or of a run, or a mapping of values")
]


class Select(BaseModel, frozen=True, extra="forbid", strict=True):
    """How far behind the best score a smaller model may be, in the objective's unit."""

    tolerance: Distance


class Finalists(BaseModel, frozen=True, extra="forbid", strict=True):
    """The best trials that are trained again, and with how many fresh seeds."""

    count: CountOrZero
    seeds: Count


class AblationPath(BaseModel, frozen=True, extra="forbid", strict=True):
    """The path from the baseline to the chosen values: the number of seeds a step, 0 for no path."""

    seeds: CountOrZero


class Retries(BaseModel, frozen=True, extra="forbid", strict=True):
    """How often a trial that has failed runs again, by the kind of failure (`toonvision.trial.trial.FAILURES`)."""

    worker_died: CountOrZero = 0
    out_of_memory: CountOrZero = 0
    timed_out: CountOrZero = 0
    raised: CountOrZero = 0
    diverged: CountOrZero = 0


class Report(BaseModel, frozen=True, extra="forbid", strict=True):
    """The reports: trials shown on the terminal, the formats of a finished run, and what is written of each trial."""

    top: Count
    formats: OptionalNodes
    live: OptionalNodes


@dataclass
class _Source:
    """The composed configuration from which a run's configuration was made, and how trials are resolved from it."""

    tree: Tree = field(default_factory=dict)
    lenient: bool = False
    resolver: Resolver = field(default_factory=lambda: Resolver(Composition({}), ()), compare=False)


class RunConfig(BaseModel, frozen=True, extra="forbid", strict=True):
    """The configuration of a run: what is the same for all trials, and `resolve` for what is not.

    Attributes:
        first: known points, which are tried before the oracle is asked (see `toonvision.record.first_points`).
        search_space: the space to search, in the format of `toonvision.search_space`.
        baseline: the fixed values to beat.
    """

    seed: Seed
    backend: Backend
    deterministic: bool = False
    warm_start: Annotated[str | None, expecting("the directory of a run, or null")] = None
    first: list[FirstField] = []
    search_space: Space
    baseline: Values
    task: NodeField = MULTICLASS
    objective: Objective
    tuner: NodeField
    strategy: Strategy
    select: Select = Select(tolerance=0.0)
    pruner: NodeField = Node("optuna.pruners.NopPruner")
    executor: NodeField = Node("toonvision.executor.inline.InlineExecutor")
    storage: NodeField
    budget: Budget = Budget()
    constraints: Constraints = Constraints()
    finalists: Finalists = Finalists(count=0, seeds=1)
    path: AblationPath = AblationPath(seeds=0)
    retries: Retries = Retries()
    report: Report = Report(top=10, formats={}, live={})
    tracker: NodeField | None = None
    _source: _Source = PrivateAttr(default_factory=lambda: _Source())

    @classmethod
    def from_composition(cls, composition: Composition, groups: Tree, *, lenient: bool = False) -> RunConfig:
        """Return the configuration of a run.

        Args:
            composition: from which trials are resolved.
            groups: what is the same for all trials, resolved; what is missing has the schema's default.
            lenient: whether unknown keys are ignored, as where a run of another version is read.

        Raises:
            ConfigError: naming every value that the schemas do not allow.
        """
        config = parse(cls, groups, lenient=lenient)
        source = config._source
        source.tree = {**composition.tree, "search_space": config.search_space, "baseline": config.baseline}
        source.resolver, source.lenient = Resolver(composition, TRIAL_GROUPS), lenient
        return config

    def resolve(self, values: Values) -> TrialConfig:
        """Return the configuration of one trial.

        Args:
            values: for every name of the search space.

        Raises:
            ConfigError: if an interpolation leads nowhere, or the schemas do not allow a value.
        """
        groups: Tree = {
            **self.trial_groups(values),
            "values": dict(values),
            "seed": self.seed,
            "backend": self.backend,
            "deterministic": self.deterministic,
            "task": self.task,
            "objective": self.objective,
            "constraints": self.constraints,
        }
        return parse(TrialConfig, groups, lenient=self._source.lenient)

    def trial_groups(self, values: Values) -> Tree:
        """Return the groups of one trial, resolved, before the schemas check them."""
        return self._source.resolver.resolve(values)

    @functools.cached_property
    def default_trial(self) -> TrialConfig:
        """The configuration of the space's default values."""
        return self.resolve(complete(self.search_space, defaults(self.search_space)))

    def settings(self, groups: Sequence[str]) -> dict[str, object]:
        """Return every value of some groups as it was composed, by its path; interpolations are left as they are."""
        tree = self._source.tree
        return dict(leaves({group: tree[group] for group in groups if group in tree}))
