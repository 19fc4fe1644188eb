"""Makes the directory of a run without training: a real record, histories, and trials of every status."""

from __future__ import annotations

import csv
import functools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from tests.configuration import composed, configured
from tests.made_verdict import made_verdict
from toonvision.config.resolve import plain
from toonvision.config.schema import RunConfig
from toonvision.record.record import Record
from toonvision.record.results import Results
from toonvision.record.run_state import RunState, RunStatus
from toonvision.search_space.space import Space, Values, complete, hyperparameters, is_active, possible_values
from toonvision.trial.trial import HISTORY, LOG, ONLY_ROUND, Outcome, Reason, Trial, TrialStatus, trial_directory
from toonvision.verdict.comparison import Comparison, ModelScores

ODD_TEXT = 'model.blocks.x: [red]"quoted", 100 % of $_{\\alpha}$ & <b>ünïcode 統一</b>[/]\nsecond line'
# The statuses of the trials, in turn; the first is the most frequent.
ENDINGS = (
    *[TrialStatus.COMPLETED] * 5,
    TrialStatus.PRUNED,
    TrialStatus.COMPLETED,
    TrialStatus.FAILED,
    TrialStatus.COMPLETED,
    TrialStatus.INFEASIBLE,
)
_REASONS = {
    TrialStatus.PRUNED: Reason.PRUNED,
    TrialStatus.FAILED: Reason.DIVERGED,
    TrialStatus.INFEASIBLE: Reason.INFEASIBLE,
}


def synthetic_run(
    directory: Path,
    *overrides: str,
    trials: int = 40,
    epochs: int = 4,
    error: str = ODD_TEXT,
    endings: Sequence[TrialStatus] = ENDINGS,
) -> Results:
    """Make an unfinished run with trials whose score depends on two hyperparameters and on chance.

    Args:
        directory: directory of the run.
        overrides: overrides of the configuration.
        trials: number of trials of all rounds together.
        epochs: number of epochs of each trial.
        error: error message of the trials that have one.
        endings: statuses of the trials, in turn.
    """
    config, record = begin_run(directory, overrides)
    rounds, draw = list(config.strategy.rounds), random.Random(config.seed)
    for number in range(trials):
        ending, name = endings[number % len(endings)], rounds[number * len(rounds) // trials]
        add_trial(config, record, directory, ending=ending, draw=draw, epochs=epochs, error=error, round=name)
    return Results.load(directory)


def completed_run(directory: Path, *overrides: str, **settings: Any) -> Results:
    """Make a completed run: the tuned model has 12 errors and the baseline 27.

    Args:
        directory: directory of the run.
        overrides: overrides of the configuration.
        settings: further arguments of `synthetic_run`.
    """
    results = synthetic_run(directory, *overrides, **settings)
    state = replace(results.state, status=RunStatus.COMPLETED, seconds=12.5)
    if results.best(1):
        baseline = complete(results.config.search_space, results.config.baseline)
        models = judged(baseline, wrong=27), judged(results.best_values(), wrong=12)
        comparison = Comparison(197, *models, made_verdict(197, baseline_wrong=27, tuned_wrong=12))
        state = replace(state, comparison=comparison)
    return conclude(results, state)


def conclude(results: Results, state: RunState) -> Results:
    """Write the final state of a run into its record."""
    config = results.config
    space, objective = config.search_space, config.objective
    record = Record.reopen(config.storage, results.directory, space=space, objective=objective)
    record.update(**{field.name: getattr(state, field.name) for field in fields(state)})
    return replace(results, state=state)


def begin_run(
    directory: Path, overrides: Sequence[str] = (), *, defaults: Sequence[str] = ()
) -> tuple[RunConfig, Record]:
    """Write the configuration of a run, and create its record, a journal unless overridden.

    Args:
        directory: directory of the run.
        overrides: overrides of the configuration.
        defaults: further overrides, which come first, and which the run does not keep.
    """
    composed_of = ("storage=journal", *defaults, *overrides)
    config = configured(*composed_of)
    folder = directory / ".hydra"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(_as_yaml(*composed_of), encoding="utf-8")
    OmegaConf.save(OmegaConf.create(list(overrides)), folder / "overrides.yaml")
    state = RunState(dataset=config.default_trial.dataset.target.split(".")[-1].lower(), fingerprint="0ab1")
    space, objective = config.search_space, config.objective
    return config, Record.create(config.storage, directory, space=space, objective=objective, state=state)


def add_trial(
    config: RunConfig,
    record: Record,
    directory: Path,
    *,
    ending: TrialStatus,
    draw: random.Random,
    epochs: int = 4,
    error: str = ODD_TEXT,
    round: str = ONLY_ROUND,
    on_start: Callable[[Trial], object] = lambda trial: None,
) -> Trial:
    """Add one trial with random values and the given status; a RUNNING trial has started and not ended.

    Args:
        config: validated configuration.
        record: record of the run.
        directory: directory of the run.
        ending: status of the trial.
        draw: random generator of the values and the scores.
        epochs: number of epochs that the trial trains.
        error: error message of a trial that is not completed.
        round: round of the trial.
        on_start: called with the trial after its start is recorded.
    """
    values = drawn(config.search_space, draw)
    trial = record.begin(values, None, slot=0, round=round)
    on_start(trial)
    rows = [] if ending is TrialStatus.INFEASIBLE else _epochs(epochs, values, draw)
    name = config.objective.name
    for row in rows:
        record.report(trial.number, row["epoch"], row[name])
    folder = trial_directory(directory, trial.number)
    folder.mkdir(parents=True)
    with (folder / HISTORY).open("w", newline="") as file:
        writer = csv.DictWriter(file, ["execution", "epoch", *_METRICS], lineterminator="\n")
        writer.writeheader()
        writer.writerows({"execution": 0, **row} for row in rows)
    if ending is TrialStatus.RUNNING:
        return trial
    if ending is TrialStatus.FAILED:
        (folder / LOG).write_text(error)
    outcome = Outcome(ending, epochs=len(rows), last_epoch=len(rows), seconds=3.25, reason=_REASONS.get(ending))
    if ending is not TrialStatus.COMPLETED:
        outcome = replace(outcome, error=error)
    if ending in (TrialStatus.COMPLETED, TrialStatus.PRUNED):
        at_best = min(rows, key=lambda row: row["val_loss"])
        metrics = {metric: at_best[metric] for metric in _METRICS}
        parameters = 400 * values.get("conv_1_filters", 8) + draw.randrange(4000)
        score = metrics[name]
        outcome = replace(outcome, score=score, scores=(score,), metrics=metrics, parameters=parameters)
    return record.finish(trial, outcome, elapsed=3.25 * (trial.number + 1))


def drawn(space: Space, draw: random.Random) -> Values:
    """Return random values for the hyperparameters that are active."""
    values: Values = {}
    fixed = complete(space, {})
    for name, entry in hyperparameters(space).items():
        if is_active(entry.get("when"), {**fixed, **values}):
            possible = possible_values(entry)
            values[name] = (
                draw.choice(list(possible)) if possible else draw.uniform(entry["min_value"], entry["max_value"])
            )
    return values


def judged(values: Values, *, wrong: int) -> ModelScores:
    """Return the scores of a model on a test set of 197 examples."""
    accuracy = 1 - wrong / 197
    history: dict[str, list[float | None]] = {"loss": [1.5, 0.5], "accuracy": [0.5, accuracy]}
    return ModelScores(
        values, {"wrong": wrong, "accuracy": accuracy}, 0.3249, {"accuracy": accuracy}, 14_620, 2, 27.8, history
    )


@functools.cache
def _as_yaml(*overrides: str) -> str:
    """Return the configuration that these overrides compose to, as a run keeps it."""
    return OmegaConf.to_yaml(OmegaConf.create(plain(composed(*overrides))))


_METRICS = ("accuracy", "loss", "val_accuracy", "val_loss")


def _epochs(count: int, values: Values, draw: random.Random) -> list[dict[str, Any]]:
    """Return the metrics of a training whose loss approaches a limit that depends on the values; noise is added."""
    size, rate = values.get("conv_1_filters", 8), values.get("dropout_1_rate", 0.3)
    last = 0.15 + 0.9 * rate**2 + 0.6 / size + draw.gammavariate(1.0, 0.08)
    rows = []
    for epoch in range(count):
        loss = last * (1 + 2 * math.exp(-epoch)) * draw.uniform(1, 1.2)
        scores = {
            "accuracy": 1 / (1 + 0.8 * loss),
            "loss": 0.8 * loss,
            "val_accuracy": 1 / (1 + loss),
            "val_loss": loss,
        }
        rows.append({"epoch": epoch, **scores})
    return rows
