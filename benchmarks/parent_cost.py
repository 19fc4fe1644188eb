"""What the search itself costs a trial, the first of 2,000 and the last: a trivial objective, real oracle and record.

Command: python benchmarks/parent_cost.py [TRIALS] [OVERRIDE ...]
Prints the milliseconds of the parent a trial, a tenth of the trials a line, and the ratio of the last to the first.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

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


def main(trials: int, overrides: list[str]) -> None:
    """Run the search and print what it cost."""
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
    tenth = (len(clock.ends) - 1) // 10
    costs = [1000 * (clock.ends[(i + 1) * tenth] - clock.ends[i * tenth]) / tenth for i in range(10)]
    for index, cost in enumerate(costs):
        print(f"trials {index * tenth:>5} to {(index + 1) * tenth:>5}: {cost:6.2f} ms a trial")
    print(f"last tenth to first: {costs[-1] / costs[0]:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000, sys.argv[2:])
