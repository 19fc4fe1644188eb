"""One round against narrow-then-search, at equal total epochs.

Command: python benchmarks/rounds.py SEED,SEED,... [OVERRIDE ...]
Prints a line for each search: the epochs that it trained, its best score, the share of the space that the last round
searched, and what the best values, trained again on train + validation with two seeds, do on the test set. Then the
medians over the seeds, and in how many of the seeds the two rounds did better than the one.

Early stopping and pruning are off, so that as many trials are as many epochs; what cannot be built trains none.
"""

from __future__ import annotations

import itertools
import math
import statistics
import sys
import tempfile
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from omegaconf import OmegaConf

from toonvision.config.compose import compose
from toonvision.config.node import instantiate
from toonvision.config.resolve import plain
from toonvision.config.schema import RunConfig
from toonvision.narrowing.entry import share
from toonvision.record.record import Record
from toonvision.record.results import Results
from toonvision.search_space.space import hyperparameters
from toonvision.training.backend import load_backend
from toonvision.validation.validate import validate

TRIALS, EXPLORE = 60, 40  # of a whole search, and of the first of its two rounds
EPOCHS = 8  # of each trial
ONE, TWO = f"tuner.max_trials={TRIALS}", f"tuner.max_trials={TRIALS - EXPLORE}"
ARMS = {
    "random search": ["tuner=random_search", ONE],
    "tpe": ["tuner=tpe", ONE],
    "random search, narrowed, tpe": [
        *("strategy=coarse_to_fine", f"strategy.rounds.explore.max_trials={EXPLORE}", "tuner=tpe", TWO)
    ],
}
COLUMNS = f"{'epochs':>6} {'val_loss':>8} {'% space':>8} {'wrong':>6} {'test loss':>9}"


@dataclass(frozen=True, slots=True)
class Reached:
    """What one search has come to."""

    epochs: int
    score: float
    space: float  # percent of it that the last round searched
    wrong: float
    loss: float

    def __str__(self) -> str:
        return f"{self.epochs:>6} {self.score:>8.4f} {self.space:>8.2g} {self.wrong:>6.1f} {self.loss:>9.4f}"


def search(overrides: list[str], directory: Path) -> Reached:
    """Run one search, and judge its best values."""
    from toonvision.dataset import load_dataset  # after the backend has been chosen
    from toonvision.job import KERAS
    from toonvision.search.comparing import model_scores
    from toonvision.search.final_model import FinalModel
    from toonvision.search.final_trainings import FinalTrainings
    from toonvision.search.rounds import search_rounds
    from toonvision.search.runner import Runner
    from toonvision.task import load_task

    cfg = compose(overrides)
    config: RunConfig = validate(cfg)
    (directory / ".hydra").mkdir()
    OmegaConf.save(OmegaConf.create(plain(cfg)), directory / ".hydra" / "config.yaml")  # which Results.load reads
    record = Record.create(config.storage, directory, space=config.search_space, objective=config.objective)
    with instantiate(config.executor, "executor") as executor:
        search_rounds(config, record=record, runner=Runner(executor, [], KERAS))
    last = next(reversed(record.spaces.values()), config.search_space)
    results = Results.load(directory)
    resolved = config.resolve(results.best_values())
    dataset = load_dataset(resolved.dataset)
    with instantiate(config.executor, "executor") as executor:
        trainings = FinalTrainings(
            [FinalModel("tuned", resolved, dataset)],
            (config.seed, config.seed + 1),
            directory=directory,
            runner=Runner(executor, [], KERAS),
            retries=config.retries,
        )
        trained = trainings.train(trainings.choose_durations())["tuned"]
    task = load_task(resolved.task)
    judged = [model_scores(one, resolved.values, task, dataset.test.y) for one in trained]
    return Reached(
        sum(trial.outcome.epochs for trial in results.trials),
        results.best(1)[0].outcome.score or float("nan"),
        100 * math.prod(share(last[name], entry) for name, entry in hyperparameters(config.search_space).items()),
        statistics.mean(model.scores["wrong"] for model in judged),
        statistics.mean(model.loss for model in judged),
    )


def main(arguments: list[str]) -> None:
    """Run every arm with every seed, one seed of all arms after the other."""
    load_backend("tensorflow")
    seeds = [int(seed) for seed in arguments[0].split(",")]
    fixed = [
        "pruner=none",
        f"training.epochs={EPOCHS}",
        "training.callbacks=null",
        "training=article",
        "training.retrain.epochs=40",
    ]
    reached: dict[str, list[Reached]] = {}
    print(f"{'':<36} {COLUMNS}", flush=True)
    for seed in seeds:
        for arm, overrides in ARMS.items():
            with tempfile.TemporaryDirectory() as folder:
                result = search([*fixed, f"seed={seed}", *overrides, *arguments[1:]], Path(folder))
            reached.setdefault(arm, []).append(result)
            print(f"seed {seed} {arm:<29} {result}", flush=True)
    for arm, results in reached.items():
        print(f"median {arm:<29} {Reached(*np.median([astuple(result) for result in results], axis=0))}")
    *single, two = ARMS
    for arm, measure in itertools.product(single, ("score", "wrong", "loss")):
        pairs = [[getattr(r, measure) for r in seed] for seed in zip(reached[arm], reached[two], strict=True)]
        better, equal = sum(b < a for a, b in pairs), sum(a == b for a, b in pairs)
        print(f"{measure}: two rounds better than {arm} in {better} of {len(pairs)} seeds, equal in {equal}")


if __name__ == "__main__":
    main(sys.argv[1:])
