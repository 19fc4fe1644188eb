"""Makes the directory of a run without training anything: a real record, histories, and every kind of trial in it."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from tests.made_verdict import made_verdict
from toonvision.conclusion import Comparison, Conclusion, Judged, RunStatus
from toonvision.config import Config, compose, plain
from toonvision.record import Record
from toonvision.results import Results
from toonvision.search_space import Space, Values, complete, hyperparameters, is_active, possible_values
from toonvision.trial import HISTORY, LOG, Outcome, Reason, Trial, TrialStatus, trial_directory
from toonvision.validation import validate

ODD_TEXT = 'model.blocks.x: [red]"quoted", 100 % of $_{\\alpha}$ & <b>ünïcode 統一</b>[/]\nsecond line'
# How trials end, in turn; the first most often.
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


def synthetic_run(directory: Path, *, trials: int, overrides: Sequence[str] = (), epochs: int = 4) -> Results:
    """Make a run that has come to its end, of so many trials that end as `ENDINGS` says.

    Args:
        directory: of the run.
        trials: number of them.
        overrides: of the configuration.
        epochs: of each trial.
    """
    config, record = begin_run(directory, overrides)
    draw = random.Random(config["seed"])
    for number in range(trials):
        add_trial(config, record, directory, ending=ENDINGS[number % len(ENDINGS)], draw=draw, epochs=epochs)
    results = Results.load(directory)
    best = results.best_values() if results.best(1) else None
    conclusion = replace(results.conclusion, status=RunStatus.COMPLETED, seconds=12.5)
    if best is not None:
        baseline = complete(config["search_space"], config["baseline"])
        comparison = Comparison(
            197,
            judged(baseline, wrong=27),
            judged(best, wrong=12),
            made_verdict(197, baseline_wrong=27, tuned_wrong=12),
        )
        conclusion = replace(conclusion, comparison=comparison)
    record.conclude(conclusion)
    return replace(results, conclusion=conclusion)


def begin_run(directory: Path, overrides: Sequence[str] = ()) -> tuple[Config, Record]:
    """Write the configuration of a run, and begin its record."""
    cfg = compose(overrides)
    config = validate(cfg)
    (directory / ".hydra").mkdir(parents=True)
    OmegaConf.save(OmegaConf.create(plain(cfg)), directory / ".hydra" / "config.yaml")
    OmegaConf.save(OmegaConf.create(list(overrides)), directory / ".hydra" / "overrides.yaml")
    record = Record.create(config["storage"], directory, space=config["search_space"], objective=config["objective"])
    record.conclude(Conclusion(dataset=config["dataset"]["_target_"].split(".")[-1].lower(), fingerprint="0ab1"))
    return config, record


def add_trial(
    config: Config,
    record: Record,
    directory: Path,
    *,
    ending: TrialStatus,
    draw: random.Random,
    epochs: int = 4,
    tell: Callable[[Trial], object] = lambda trial: None,
) -> Trial:
    """Add one trial of random values that ends so; a RUNNING one has begun and no more.

    Args:
        config: valid.
        record: of the run.
        directory: of the run.
        ending: its status.
        draw: of the values and the scores.
        epochs: that it trains.
        tell: called when it has begun.
    """
    trial = record.begin(drawn(config["search_space"], draw), None, slot=0)
    tell(trial)
    rows = [] if ending is TrialStatus.INFEASIBLE else _epochs(epochs, draw)
    name = config["objective"]["name"]
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
        (folder / LOG).write_text(ODD_TEXT)
    outcome = Outcome(ending, epochs=len(rows), last_epoch=len(rows), seconds=3.25, reason=_REASONS.get(ending))
    if ending is not TrialStatus.COMPLETED:
        outcome = replace(outcome, error=ODD_TEXT)
    if ending in (TrialStatus.COMPLETED, TrialStatus.PRUNED):
        at_best = min(rows, key=lambda row: row["val_loss"])
        metrics = {metric: at_best[metric] for metric in _METRICS}
        outcome = replace(outcome, score=metrics[name], scores=(metrics[name],), metrics=metrics, parameters=14_620)
    return record.finish(trial, outcome, elapsed=3.25 * (trial.number + 1))


def drawn(space: Space, draw: random.Random) -> Values:
    """Return random values for the hyperparameters that are active."""
    values: Values = {}
    for name, entry in hyperparameters(space).items():
        if is_active(entry.get("when"), {**complete(space, {}), **values}):
            possible = possible_values(entry)
            values[name] = (
                draw.choice(list(possible)) if possible else draw.uniform(entry["min_value"], entry["max_value"])
            )
    return values


def judged(values: Values, *, wrong: int) -> Judged:
    """Return the scores of a model on a test set of 197."""
    accuracy = 1 - wrong / 197
    history: dict[str, list[float | None]] = {"loss": [1.5, 0.5], "accuracy": [0.5, accuracy]}
    return Judged(values, wrong, 0.3249, accuracy, {"accuracy": accuracy}, 14_620, 2, 27.8, history)


_METRICS = ("accuracy", "loss", "val_accuracy", "val_loss")


def _epochs(count: int, draw: random.Random) -> list[dict[str, Any]]:
    return [{"epoch": epoch, **{metric: draw.random() for metric in _METRICS}} for epoch in range(count)]
