"""A trial without a training: its loss is a function of its values, so that whole searches of it take a second."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.made_verdict import made_verdict
from toonvision import job
from toonvision.config.schema import RunConfig, TrialConfig
from toonvision.training.trainer import Trainer
from toonvision.trial.trial import HISTORY, Outcome, Promotion, TrialStatus, trial_directory
from toonvision.verdict.comparison import Comparison, ModelScores

# The values of deep corners: the best trials have a low first dropout and a high learning rate.
SPACE = (
    "dataset=breast_cancer",
    "model=mlp",
    "pruner=none",
    "report.formats.page=null",
    "search_space.n_layers=1",
    "search_space.activation=relu",
)


def loss(values: dict[str, Any], seed: int) -> float:
    """Return a validation loss: smooth in two values, a little noise by the seed."""
    noise = random.Random(f"{seed} {sorted(values.items(), key=str)}").gauss(0.0, 0.01)
    return 0.1 + 0.5 * float(values["dropout_1_rate"]) + 8.0 * abs(float(values["learning_rate"]) - 0.02) + noise


def run_light(config: TrialConfig, directory: str, number: int, promotion: Promotion | None, searcher: str) -> Outcome:
    """Stand for `run_trial`: write one epoch for each execution, and return the mean of their losses."""
    executions = range(config.training.executions_per_trial)
    losses = tuple(loss(config.values, config.seed + execution) for execution in executions)
    folder = trial_directory(Path(directory), number)
    folder.mkdir(parents=True, exist_ok=True)
    rows = [f"{execution},0,{value},{value}" for execution, value in zip(executions, losses, strict=True)]
    (folder / HISTORY).write_text("\n".join(["execution,epoch,loss,val_loss", *rows, ""]))
    score = sum(losses) / len(losses)
    epochs = promotion.epochs if promotion else 1
    parameters = int(10 * config.values["units_1"])
    return Outcome(TrialStatus.COMPLETED, score, losses, {"val_loss": score}, epochs, epochs, parameters, 0.01)


def compare_light(config: RunConfig, best: dict[str, Any], directory: Path, **_: object) -> Comparison:
    """Stand for `compare`: both models have made one error, whatever their values."""
    one = ModelScores(best, 1, 0.1, 0.9, {}, 10, 1, 0.1, {"loss": [0.1]})
    return Comparison(10, one, one, made_verdict(10, baseline_wrong=1, tuned_wrong=1))


class Power:
    """Cuts the power of this process when it is about to run its n-th trial from now.

    Attributes:
        calls: the directory, the number and the seed of each trial that was run.
    """

    def __init__(self, after: int, run: Callable[..., Outcome] = run_light) -> None:
        self.left, self.run = after, run
        self.calls: list[tuple[str, int, int]] = []

    def run_trial(self, config: TrialConfig, directory: str, number: int, *others: Any) -> Outcome:
        if self.left == 0:
            raise SystemExit("the power is cut")
        self.left -= 1
        self.calls.append((directory, number, config.seed))
        return self.run(config, directory, number, *others)


def light(monkeypatch: pytest.MonkeyPatch, after: int = -1, run: Callable[..., Outcome] = run_light) -> Power:
    """Let trials be light ones; cut the power after so many, unless that is a negative number."""
    power = Power(after, run)
    monkeypatch.setattr(job, "KERAS", Trainer(power.run_trial, compare_light, poll_seconds=0.01))
    return power
