"""Which tuner reaches a good score soonest: the default run's search, by tuner and pruner, over some seeds.

Command: python benchmarks/tuners.py SEEDS TUNER[,OVERRIDE ...] ... [-- OVERRIDE ...]
Prints, for each, the best score by seconds of search, the median over the seeds, and the time until it was as good as
the goal: the median of what the first tuner had at its end. No model is retrained, and no test set read.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from toonvision.config.compose import compose
from toonvision.config.node import instantiate
from toonvision.record.record import Record
from toonvision.report.progress import ConsoleProgress
from toonvision.training.backend import load_backend
from toonvision.trial.trial import Trial, TrialStatus
from toonvision.validation.validate import validate

MOMENTS = (10, 20, 30, 45, 60, 90)
Curve = list[tuple[float, float]]  # seconds of search, best score so far


def search(tuner: str, seed: int, overrides: list[str]) -> tuple[Curve, list[Trial]]:
    """Run one search, and return its best score by seconds, and its trials."""
    from toonvision.job import KERAS  # after the backend has been chosen
    from toonvision.search.rounds import search_rounds
    from toonvision.search.runner import Runner

    config = validate(compose([f"tuner={tuner.split(',')[0]}", *tuner.split(",")[1:], f"seed={seed}", *overrides]))
    progress = ConsoleProgress(Console(quiet=True), objective=config.objective)
    with tempfile.TemporaryDirectory() as folder:
        record = Record.create(config.storage, Path(folder), space=config.search_space, objective=config.objective)
        with instantiate(config.executor, "executor") as executor:
            search_rounds(config, record=record, runner=Runner(executor, [progress], KERAS))
        ended = sorted((t for t in record.trials if t.elapsed is not None), key=lambda trial: trial.elapsed or 0.0)
    curve: Curve = []
    for trial in ended:
        if trial.status is TrialStatus.COMPLETED and trial.outcome.score is not None and trial.elapsed is not None:
            curve.append((trial.elapsed, min(trial.outcome.score, curve[-1][1] if curve else trial.outcome.score)))
    return curve, ended


def at(curve: Curve, seconds: float) -> float:
    """Return the best score after so many seconds; that of the end if the search ended before."""
    return min((score for elapsed, score in curve if elapsed <= seconds), default=float("inf"))


def main(arguments: list[str]) -> None:
    """Run every tuner with every seed, one seed of all tuners after the other."""
    load_backend("tensorflow")
    split = arguments.index("--") if "--" in arguments else len(arguments)
    seeds, *tuners = arguments[:split]
    curves: dict[str, list[Curve]] = {tuner: [] for tuner in tuners}
    for seed in range(1, int(seeds) + 1):
        for tuner in tuners:
            curve, trials = search(tuner, seed, arguments[split + 1 :])
            curves[tuner].append(curve)
            print(
                f"seed {seed} {tuner:<55} {len(trials):>3} trials {curve[-1][0]:6.1f} s {curve[-1][1]:.4f}", flush=True
            )
    goal = statistics.median(curve[-1][1] for curve in curves[tuners[0]])
    print(f"{'':<55} " + " ".join(f"{moment:>5} s" for moment in MOMENTS) + f"    end  s to {goal:.4f}")
    for tuner in tuners:
        bests = [f"{statistics.median(at(curve, moment) for curve in curves[tuner]):7.4f}" for moment in MOMENTS]
        end = statistics.median(curve[-1][1] for curve in curves[tuner])
        reached = [min((s for s, score in curve if score <= goal), default=float("inf")) for curve in curves[tuner]]
        print(f"{tuner:<55} {' '.join(bests)} {end:7.4f}  {statistics.median(reached):6.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
