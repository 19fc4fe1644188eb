"""Checking a search space: build a sample of it without training, find what is to blame, and time a few models."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from toonvision.config.compose import Config, Resolver, instantiate, resolve
from toonvision.dataset import load_dataset
from toonvision.oracle import create_oracle, planned_epochs, planned_trials
from toonvision.search_space.space import Space, Values, complete, hyperparameters, is_same
from toonvision.space_check.blame import combinations, reasons, single_values, smallest_causes
from toonvision.space_check.calibration import calibrate
from toonvision.space_check.finding import Plan, SpaceCheck, Timing, Tried
from toonvision.space_check.memory import outputs, training_memory
from toonvision.space_check.sample import draw
from toonvision.training.fit import start_afresh
from toonvision.training.model import InfeasibleError, build_model, check_constraints

MOST = 160  # combinations; one takes about 60 ms
SECONDS = 20.0  # for building them, and half as much for the experiments; a slow machine builds fewer
TIMED = 5  # models
SHOWN = 8  # values, and combinations


def check_space(config: Config) -> SpaceCheck:
    """Sample the space, build the models, and find what cannot be built, what is to blame, and what the rest costs.

    Nothing is written. The same seed finds the same, but for the times.

    Args:
        config: valid.

    Raises:
        ToonvisionError: if the data cannot be read.
    """
    space = config["search_space"]
    builder = _Builder(config)
    drawn, is_all = draw(config, MOST)
    until = time.monotonic() + SECONDS
    tried: list[Tried] = []
    for values in drawn:
        if tried and time.monotonic() > until:
            is_all = False
            break
        tried.append(builder.build(values))
    builder.until = time.monotonic() + SECONDS / 2
    causes, reference = smallest_causes(space, tried, builder.can_build) if any(t.error for t in tried) else ([], {})
    names = [name for name in space if any(name in cause for cause in causes)]
    together, unexplained = combinations(space, tried, causes, reference, most=SHOWN)
    return SpaceCheck(
        tried=tuple(tried),
        is_all=is_all,
        reasons=reasons(tried),
        values=single_values(tried, names, SHOWN),
        combinations=together,
        unexplained=unexplained,
        timings=_timings(config, tried),
        plan=_plan(config),
    )


@dataclass(frozen=True, slots=True)
class _Data:
    """What a model needs to know of its data."""

    input_shape: tuple[int, ...]
    n_classes: int
    n_train: int


class _Builder:
    """Builds models of the configuration, none twice.

    Attributes:
        until: when experiments are to end, by `time.monotonic`.
    """

    def __init__(self, config: Config) -> None:
        self.config, self.resolve = config, Resolver(config)
        self.until = 0.0
        self._data: dict[str, _Data] = {}
        self._tried: dict[str, Tried] = {}

    def build(self, values: Values) -> Tried:
        """Build the model of these values, and forget it."""
        key = json.dumps(values, sort_keys=True)
        if key not in self._tried:
            self._tried[key] = self._build(values)
        return self._tried[key]

    def can_build(self, values: Values) -> bool:
        """Whether they can be built.

        Raises:
            TimeoutError: if there is no time left.
        """
        if time.monotonic() > self.until:
            raise TimeoutError
        return self.build(values).error is None

    def _build(self, values: Values) -> Tried:
        resolved = self.resolve(complete(self.config["search_space"], values))
        data, training = self._data_of(resolved["dataset"]), resolved["training"]
        keras.backend.clear_session()
        keras.config.set_dtype_policy(training["precision"])
        try:
            model = build_model(resolved, input_shape=data.input_shape, n_classes=data.n_classes)
            check_constraints(model, resolved["constraints"])
        except InfeasibleError as error:
            return Tried(values, error=str(error))
        return Tried(
            values,
            parameters=model.count_params(),
            memory=training_memory(model, min(training["batch_size"], data.n_train)),
            work=float(outputs(model)) * data.n_train * training["epochs"],
        )

    def _data_of(self, settings: dict[str, Any]) -> _Data:
        key = json.dumps(settings, sort_keys=True)
        if key not in self._data:
            dataset = load_dataset(settings)
            self._data[key] = _Data(dataset.input_shape, len(dataset.class_names), len(dataset.train))
        return self._data[key]


def _timings(config: Config, tried: Sequence[Tried]) -> tuple[Timing, ...]:
    """Time models from the middle of equal parts of the space, by work."""
    built = sorted((t for t in tried if t.error is None), key=lambda t: t.work)
    parts = min(TIMED, len(built))
    chosen = [built[int((part + 0.5) * len(built) / parts)] for part in range(parts)]
    timings = []
    for t in chosen:
        resolved = resolve(config, complete(config["search_space"], t.values))
        timings.append(calibrate(resolved, load_dataset(resolved["dataset"])))
    start_afresh(config["seed"], "float32")
    return tuple(timings)


def _plan(config: Config) -> Plan:
    trials: int | None = None
    epochs: list[int] = []
    free = 0
    if hyperparameters(config["search_space"]):
        trials = 0
        for tuner in config["strategy"]["rounds"].values():
            oracle = create_oracle(tuner, config["search_space"], config["objective"])
            limit = config["budget"]["trials"] and config["budget"]["trials"] - trials
            asked = min((count for count in (planned_trials(oracle), limit) if count is not None), default=None)
            if asked is None:
                trials = None
                break
            trials += asked
            fixed = planned_epochs(oracle, asked)
            epochs += [] if fixed is None else [fixed]
            free += asked if fixed is None else 0
    with instantiate(config["executor"], "executor") as executor:
        workers = int(executor.workers)
    training, finalists = config["training"], config["finalists"]
    return Plan(
        trials,
        sum(epochs) if epochs else None,
        int(training["executions_per_trial"]),
        workers,
        config["budget"]["minutes"],
        free=free if epochs else 0,
        finalists=finalists["count"] * finalists["seeds"],
        path=config["path"]["seeds"] * (1 + _changes(config["search_space"], config["baseline"])),
    )


def _changes(space: Space, baseline: Values) -> int:
    """Return how many values may be others than the baseline's at the end of a search."""
    searched, given = hyperparameters(space), complete(space, baseline)
    return sum(name in searched or not is_same(given[name], value) for name, value in complete(space, {}).items())
