"""Does a new validation set for each trial choose better values than one for all? By real searches on 569 tumours.

Command: python benchmarks/resampling.py [SEARCHES]
Each search has 10 random trials; its best values are trained twice on train + validation and judged on the test set.
The searches of one seed differ in the resampling alone. Prints the means, and the paired differences with Student's
t-test.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from scipy import stats

import toonvision

SEARCH = (
    *("dataset=breast_cancer", "model=mlp", "tuner=random_search", "tuner.max_trials=10", "pruner=none", "first=[]"),
    *("training.epochs=10", "finalists.count=0", "training.retrain.seeds=2", "training.retrain.max_epochs=20"),
)
METHODS = {
    "holdout": (),
    "reshuffled": ("resampling=reshuffled",),
    "kfold of 3": ("resampling=kfold", "training.resampling.folds=3"),
}


class Found(NamedTuple):
    """What a search has found.

    Attributes:
        score: the validation loss of its best trial.
        loss: on the test set, of the best values, mean of two final trainings.
        wrong: of 113 test tumours, likewise.
        seconds: of the trials.
    """

    score: float
    loss: float
    wrong: float
    seconds: float


def main(searches: int) -> None:
    """Run the searches, two at a time, and print the tables."""
    keys = [(method, seed) for seed in range(1, searches + 1) for method in METHODS]
    with ProcessPoolExecutor(2) as pool:
        found = dict(zip(keys, pool.map(_search, *zip(*keys, strict=True)), strict=True))
    print("| resampling | best validation loss | test loss | wrong of 113 | seconds of the trials |")
    print("| --- | --- | --- | --- | --- |")
    for method in METHODS:
        columns = zip(*(found[method, seed] for seed in range(1, searches + 1)), strict=True)
        score, loss, wrong, seconds = map(statistics.fmean, columns)
        print(f"| {method} | {score:.4f} | {loss:.4f} | {wrong:.2f} | {seconds:.0f} |")
    print("\n| to holdout | test loss | p | wrong | p | better in |\n| --- | --- | --- | --- | --- | --- |")
    for method in list(METHODS)[1:]:
        pairs = [(found[method, seed], found["holdout", seed]) for seed in range(1, searches + 1)]
        losses, errors = ([getattr(a, name) - getattr(b, name) for a, b in pairs] for name in ("loss", "wrong"))
        tests = [stats.ttest_1samp(differences, 0).pvalue for differences in (losses, errors)]
        better = sum(difference < 0 for difference in losses)
        print(
            f"| {method} | {statistics.fmean(losses):+.4f} | {tests[0]:.2g} | {statistics.fmean(errors):+.2f} "
            f"| {tests[1]:.2g} | {better} of {searches} |"
        )


def _search(method: str, seed: int) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        config = toonvision.compose([*SEARCH, *METHODS[method], f"seed={seed}"])
        started = time.monotonic()
        results = toonvision.run(config, Path(folder) / "run")
        print(f"{method}, seed {seed}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    (best,), comparison = results.best(1), results.comparison
    assert comparison is not None
    assert best.outcome.score is not None
    measures = comparison.verdict.tuned.measures
    seconds = sum(trial.outcome.seconds for trial in results.trials)
    return Found(best.outcome.score, measures["loss"].mean, measures["wrong"].mean, seconds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 10)
