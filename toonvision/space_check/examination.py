"""Checking a search space: build a sample of its models without training, and time a few of them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import keras

from toonvision.config.schema import RunConfig, TrialConfig
from toonvision.dataset import load_dataset
from toonvision.dataset.resampling import check_resampling
from toonvision.executor.resources import planned_workers
from toonvision.oracle import count_towards_limit, create_oracle, planned_epochs, planned_trials
from toonvision.search_space.space import Space, Values, complete, hyperparameters, is_same
from toonvision.space_check.calibration import calibrate
from toonvision.space_check.finding import BuildResult, Plan, SpaceCheck, Timing
from toonvision.space_check.infeasibility import infeasible_values, reasons
from toonvision.space_check.memory import outputs, training_memory
from toonvision.space_check.sample import draw
from toonvision.task.labels import check_labels
from toonvision.training.adopted import check_names
from toonvision.training.fit import start_afresh
from toonvision.training.model import InfeasibleError, Interface, build_model, check_constraints, interface

MAX_COMBINATIONS = 160  # one takes about 60 ms
SECONDS = 20.0  # for building them; a slow machine builds fewer
MAX_TIMED = 5  # models
MAX_SHOWN = 8  # infeasible values


def check_space(config: RunConfig, *, first: int = 0) -> SpaceCheck:
    """Build a sample of the space's models, and return what cannot be built and what a search would cost.

    Nothing is written. The same seed gives the same result, except for the times.

    Args:
        config: a valid configuration.
        first: number of known points, which are trials of the search, too.

    Raises:
        ConfigError: if a hypermodel asks for other names than those of the space.
        ToonvisionError: if the data cannot be read.
    """
    check_names(config)
    builder = _Builder(config)
    combinations, is_all = draw(config, MAX_COMBINATIONS)
    deadline = time.monotonic() + SECONDS
    results: list[BuildResult] = []
    for values in combinations:
        if results and time.monotonic() > deadline:
            is_all = False
            break
        results.append(builder.build(values))
    return SpaceCheck(
        results=tuple(results),
        is_all=is_all,
        reasons=reasons(results),
        values=infeasible_values(config.search_space, results, is_all=is_all, limit=MAX_SHOWN),
        timings=_timings(config, results),
        plan=plan_search(config, first=first),
    )


class _Builder:
    """Builds models of one configuration."""

    def __init__(self, config: RunConfig) -> None:
        self.config = config
        self._data: dict[str, tuple[Interface, int]] = {}  # with the number of train examples

    def build(self, values: Values) -> BuildResult:
        """Build the model of these values, and return its properties or why it cannot be built."""
        resolved = self.config.resolve(complete(self.config.search_space, values))
        (data, n_train), training = self._data_of(resolved), resolved.training
        keras.backend.clear_session()
        keras.config.set_dtype_policy(training.precision)
        try:
            model = build_model(resolved, data)
            check_constraints(model, resolved.constraints)
        except InfeasibleError as error:
            return BuildResult(values, path=error.path, error=error.reason)
        return BuildResult(
            values,
            parameters=model.count_params(),
            memory=training_memory(model, min(training.batch_size, n_train)),
            work=float(outputs(model)) * n_train * training.epochs,
        )

    def _data_of(self, resolved: TrialConfig) -> tuple[Interface, int]:
        key = json.dumps(resolved.dataset.to_mapping(), sort_keys=True)
        if key not in self._data:
            dataset = load_dataset(resolved.dataset)
            check_labels(resolved, dataset)
            check_resampling(dataset, resolved.training.resampling)
            self._data[key] = interface(resolved, dataset), len(dataset.train)
        return self._data[key]


def _timings(config: RunConfig, results: Sequence[BuildResult]) -> tuple[Timing, ...]:
    """Time the middle model of each of several equal parts of the space, by work."""
    built = sorted((result for result in results if result.error is None), key=lambda result: result.work)
    parts = min(MAX_TIMED, len(built))
    timings = []
    for part in range(parts):
        values = built[int((part + 0.5) * len(built) / parts)].values
        resolved = config.resolve(complete(config.search_space, values))
        timings.append(calibrate(resolved, load_dataset(resolved.dataset)))
    start_afresh(config.seed, "float32")
    return tuple(timings)


def plan_search(config: RunConfig, *, first: int = 0) -> Plan:
    """Return what the search of a valid configuration would run, with so many known points."""
    trials: int | None = None
    epochs: list[int] = []
    free = 0
    if hyperparameters(config.search_space):
        trials = free = first
        for index, tuner in enumerate(config.strategy.rounds.values()):
            oracle = create_oracle(tuner, config.search_space, config.objective)
            count_towards_limit(oracle, first if index == 0 else 0)
            limit = config.budget.trials and config.budget.trials - trials
            asked = min((count for count in (planned_trials(oracle), limit) if count is not None), default=None)
            if asked is None:
                trials = None
                break
            trials += asked
            fixed = planned_epochs(oracle, asked)
            epochs += [] if fixed is None else [fixed]
            free += asked if fixed is None else 0
    training, finalists = config.default_trial.training, config.finalists
    return Plan(
        trials,
        sum(epochs) if epochs else None,
        training.trainings_per_trial,
        planned_workers(**config.executor.arguments),
        config.budget.minutes,
        free=free if epochs else 0,
        finalists=finalists.count * finalists.seeds,
        path=config.path.seeds * (1 + _changes(config.search_space, config.baseline)),
    )


def _changes(space: Space, baseline: Values) -> int:
    """Return how many of the chosen values can differ from the baseline's."""
    searched, given = hyperparameters(space), complete(space, baseline)
    return sum(name in searched or not is_same(given[name], value) for name, value in complete(space, {}).items())
