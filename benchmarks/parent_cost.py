"""What the search itself costs a trial, the first of 2,000 and the last: a trivial objective, real oracle and record.

Command: python -m benchmarks.parent_cost [TRIALS] [TUNER] [OVERRIDE ...], TUNER: tpe, gp, bayesian, random_search
Prints the milliseconds of the parent a trial, a tenth of the trials a line, beside those of the library alone, with the
same space and settings: Optuna with SQLite for tpe and gp, KerasTuner's oracle for the others.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
from omegaconf import OmegaConf
from rich.console import Console

from toonvision.config.compose import compose
from toonvision.config.node import instantiate
from toonvision.config.schema import TrialConfig
from toonvision.job import KERAS
from toonvision.record.observer import Event, TrialEnded
from toonvision.record.record import Record
from toonvision.report.progress import ConsoleProgress
from toonvision.search.rounds import search_rounds
from toonvision.search.runner import Runner
from toonvision.training.backend import load_backend
from toonvision.trial.trial import HISTORY, Outcome, Promotion, TrialStatus, trial_directory
from toonvision.validation.validate import validate


def trivial(config: TrialConfig, directory: str, number: int, promotion: Promotion | None, searcher: str) -> Outcome:
    """Stand for a training of one epoch."""
    score = sum(float(value) for value in config.values.values() if isinstance(value, int | float))
    folder = trial_directory(Path(directory), number)
    folder.mkdir(parents=True)
    (folder / HISTORY).write_text(f"execution,epoch,loss,val_loss\n0,0,{score},{score}\n")
    return Outcome(TrialStatus.COMPLETED, score, (score,), {"val_loss": score}, 1, 1, 100, 0.0)


class Clock:
    """An observer that notes when each trial ends."""

    def __init__(self) -> None:
        self.ends = [time.perf_counter()]

    def notify(self, event: Event) -> None:
        """Note the time."""
        if isinstance(event, TrialEnded):
            self.ends.append(time.perf_counter())


def ours(trials: int, overrides: list[str]) -> list[float]:
    """Return the milliseconds a trial, of each tenth of the trials."""
    load_backend("tensorflow")
    cfg = compose([*overrides, f"budget.trials={trials}"])
    if cfg.tuner.get("max_trials"):
        cfg.tuner.max_trials = trials
    config = validate(cfg)
    clock, progress = Clock(), ConsoleProgress(Console(quiet=True), objective=config.objective)
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        record = Record.create(config.storage, directory, space=config.search_space, objective=config.objective)
        with instantiate(config.executor, "executor") as executor:
            clock.ends = [time.perf_counter()]
            runner = Runner(executor, [progress, clock], replace(KERAS, run_trial=trivial))
            search_rounds(config, record=record, runner=runner)
    return _tenths(clock.ends)


def plain(trials: int, tuner: str) -> list[float]:
    """Return the same of the library alone."""
    space: Any = OmegaConf.to_container(compose().search_space)
    searched = {name: entry for name, entry in space.items() if isinstance(entry, Mapping)}
    with tempfile.TemporaryDirectory() as folder:
        return _tenths((_optuna if tuner in ("tpe", "gp") else _keras_tuner)(trials, tuner, searched, folder))


def _optuna(trials: int, tuner: str, space: Mapping[str, Any], folder: str) -> list[float]:
    def objective(trial: optuna.Trial) -> float:
        total = 0.0
        value: Any
        for name, entry in space.items():
            if entry["hp"] == "Choice":
                value = trial.suggest_categorical(name, entry["values"])
            elif entry["hp"] == "Int":
                value = trial.suggest_int(name, entry["min_value"], entry["max_value"], step=entry["step"])
            else:
                value = trial.suggest_float(name, entry["min_value"], entry["max_value"], step=entry["step"])
            total += value
        return total

    sampler: optuna.samplers.BaseSampler
    if tuner == "gp":
        sampler = optuna.samplers.GPSampler(seed=1, n_startup_trials=5, deterministic_objective=False)
    else:
        sampler = optuna.samplers.TPESampler(seed=1, n_startup_trials=5, multivariate=True, constant_liar=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(storage=f"sqlite:///{folder}/study.db", sampler=sampler)
    ends = [time.perf_counter()]
    study.optimize(objective, n_trials=trials, callbacks=[lambda *_: ends.append(time.perf_counter())])
    return ends


def _keras_tuner(trials: int, tuner: str, space: Mapping[str, Any], folder: str) -> list[float]:
    import keras_tuner  # after the backend has been chosen

    hp = keras_tuner.HyperParameters()
    for name, entry in space.items():
        getattr(hp, entry["hp"])(name, **{key: value for key, value in entry.items() if key != "hp"})
    goal = keras_tuner.Objective("val_loss", "min")
    oracle: keras_tuner.Oracle
    if tuner == "random_search":
        oracle = keras_tuner.oracles.RandomSearchOracle(goal, max_trials=trials, seed=1, hyperparameters=hp)
    else:
        oracle = keras_tuner.oracles.BayesianOptimizationOracle(
            goal, max_trials=trials, num_initial_points=5, alpha=1e-4, beta=2.6, seed=1, hyperparameters=hp
        )
    oracle._set_project_dir(folder, tuner)
    oracle.verbose = 0
    ends = [time.perf_counter()]
    for _ in range(trials):
        trial = oracle.create_trial("tuner0")
        oracle.update_trial(trial.trial_id, {"val_loss": float(sum(trial.hyperparameters.values.values()))})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
        ends.append(time.perf_counter())
    return ends


def _tenths(ends: list[float]) -> list[float]:
    tenth = (len(ends) - 1) // 10
    return [1000 * (ends[(i + 1) * tenth] - ends[i * tenth]) / tenth for i in range(10)]


def main(trials: int, tuner: str, overrides: list[str]) -> None:
    """Run both searches and print what they cost."""
    costs, others = ours(trials, [f"tuner={tuner}", *overrides]), plain(trials, tuner)
    for index, (cost, other) in enumerate(zip(costs, others, strict=True)):
        between = f"trials {index * trials // 10:>5} to {(index + 1) * trials // 10:>5}"
        print(f"{tuner} {between}: {cost:7.2f} ms a trial, the library alone {other:7.2f} ms")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 2000, given[1] if given[1:] else "tpe", given[2:])
