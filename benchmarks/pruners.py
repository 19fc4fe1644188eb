"""Every pruner on every executor: what it has stopped of seven trials, the last two of which learn nothing.

Command: python benchmarks/pruners.py [EXECUTOR ...]
Prints for each pair the trials that were pruned, each with the epoch after which; `!` before a pair that let a hopeless
trial train to its end.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import toonvision
from toonvision.trial.trial import TrialStatus

LEARNING = [0.05, 0.04, 0.03, 0.02, 0.01, 1e-7, 2e-7]
TRIALS = (
    *("dataset=breast_cancer", "model=mlp", "tuner=grid_search"),
    *(f"search_space.{name}=0" for name in ("dropout_1_rate", "dropout_2_rate")),
    *(f"search_space.{name}=8" for name in ("units_1", "units_2")),
    *("search_space.n_layers=1", "search_space.activation=relu", "~search_space.learning_rate"),
    f"+search_space.learning_rate={{hp: Choice, values: {LEARNING}}}",
    *("training.epochs=60", "training.callbacks=null", "training.retrain.epochs=1", "finalists.count=0"),
)
PRUNERS = {
    "median": (),
    "successive_halving": (),
    "hyperband": ("pruner.max_resource=6",),  # fewer brackets, so that none has but a hopeless trial
    "wilcoxon": (),
}
EXECUTORS = {
    "inline": (),
    "processes": ("executor.workers=2",),
    "dask": ("executor.workers=2",),
    "ray": ("executor.workers=2",),
    "slurm": ("executor.workers=2", "executor.cluster=local"),
}


def main(executors: list[str]) -> None:
    """Run the searches one after the other."""
    for executor in executors or EXECUTORS:
        for pruner, overrides in PRUNERS.items():
            with tempfile.TemporaryDirectory() as folder:
                choice = (f"pruner={pruner}", *overrides, f"executor={executor}", *EXECUTORS[executor])
                more = (f"executor.folder={folder}/jobs",) if executor == "slurm" else ()
                started = time.perf_counter()
                results = toonvision.run(toonvision.compose([*TRIALS, *choice, *more]), Path(folder) / "run")
            pruned = {t.id: t.outcome.last_epoch for t in results.trials if t.status is TrialStatus.PRUNED}
            hopeless = {t.id for t in results.trials if t.values["learning_rate"] < 1e-6}
            mark = " " if hopeless <= set(pruned) else "!"
            stops = ", ".join(f"{trial} after {epochs}" for trial, epochs in pruned.items())
            print(f"{mark} {executor:<10} {pruner:<20} {time.perf_counter() - started:6.1f} s  {stops}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
