"""How often narrowing cuts a hyperparameter that has no effect, and how often one that has.

Command: python benchmarks/narrowing.py [SEARCHES [TRIALS [KIND ...]]]
Searches of 60 trials are simulated without a training: random search, TPE, and each with successive halving. Two of six
hyperparameters have an effect. Prints a line for each kind of search: the share of the searches that cut a useless
hyperparameter at all (the level), and that cut each of the effective ones (the power); first with the ranks as they
were, then as they are. `narrowing.md` has the figures.
"""

from __future__ import annotations

import functools
import random
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from unittest import mock

from toonvision.config.compose import compose
from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing import observation
from toonvision.narrowing.peeling import narrow_space
from toonvision.oracle import create_oracle, propose, tell
from toonvision.search.folds import Point
from toonvision.search.pruning import Pruning, pruned
from toonvision.search_space.space import Space, Values
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, Trial, TrialStatus
from toonvision.validation.validate import validate

EPOCHS = 15
LOSS = Objective(name="val_loss", direction="min")
_RATE = {"hp": "Float", "min_value": 0.0, "max_value": 0.9, "step": 0.1}
SPACE: Space = {
    "strong": _RATE,
    "weak": _RATE,
    "useless_rate": _RATE,
    "useless_units": {"hp": "Int", "min_value": 4, "max_value": 32, "step": 4},
    "useless_kernel": {"hp": "Choice", "values": [3, 5]},
    "useless_name": {"hp": "Choice", "values": ["relu", "tanh", "elu"]},
}
EFFECTS = {"strong": 2.0, "weak": 1.0}
KINDS = {
    "nothing matters, random search": ("random_search", "none", False),
    "nothing matters, TPE": ("tpe", "none", False),
    "random search": ("random_search", "none", True),
    "TPE": ("tpe", "none", True),
    "random search, halving": ("random_search", "successive_halving", True),
    "TPE, halving": ("tpe", "successive_halving", True),
}


def search(kind: str, seed: int, most: int) -> list[Trial]:
    """Return the trials of one search; its losses fall with the epochs, and have noise."""
    tuner, pruner, matters = KINDS[kind]
    config = validate(compose([f"tuner={tuner}", f"tuner.max_trials={most}", f"pruner={pruner}", f"seed={seed}"]))
    oracle, draw = create_oracle(config.tuner, SPACE, LOSS), random.Random(seed)
    oracle.max_consecutive_failed_trials = None  # as the search, which counts them itself
    pruning = Pruning(config.pruner, LOSS, epochs=EPOCHS, trials=())
    trials: list[Trial] = []
    while (proposal := propose(oracle, 0)).status == "RUNNING":
        final = draw.gauss(0, 0.5) + sum(w * proposal.values[name] for name, w in EFFECTS.items() if matters)
        trial = train(len(trials), proposal.values, final, pruning, draw)
        trials.append(trial)
        tell(oracle, proposal.trial_id, trial.outcome, trial.intermediate_values)
    return trials


def train(number: int, values: Values, final: float, pruning: Pruning, draw: random.Random) -> Trial:
    """Return a trial that reaches `final` unless it is pruned; its first epochs say little."""
    pruning.begin(number)
    curve: dict[int, float] = {}
    outcome = Outcome(TrialStatus.COMPLETED, score=final, scores=(final,), epochs=EPOCHS, last_epoch=EPOCHS)
    for epoch in range(EPOCHS):
        curve[epoch] = 3.0 + (final - 3.0) * (epoch + 1) / EPOCHS + draw.gauss(0, 0.2) * (1 - (epoch + 1) / EPOCHS)
        if verdict := pruning.verdict(number, Point(1, epoch, curve[epoch])):
            lines = [{"execution": 0, "epoch": e, "val_loss": value} for e, value in curve.items()]
            outcome = pruned(outcome, lines, verdict, LOSS)
            break
    pruning.end(number, outcome)
    return replace(Trial(number, values, outcome), intermediate_values=curve)


def cuts(kind: str, most: int, seed: int) -> list[set[str]]:
    """Return the names that narrowing cuts with the ranks as they were, and as they are."""
    trials = search(kind, seed, most)
    rounds = validate(compose([f"tuner={KINDS[kind][0]}"])).strategy.rounds
    tied = [_untold(trial) for trial in trials]
    with mock.patch.object(observation, "_without_trend", lambda ranks, _: ranks):
        before = narrow_space(SPACE, tied, LOSS, NarrowingOptions(), rounds)
    now = narrow_space(SPACE, trials, LOSS, NarrowingOptions(), rounds)
    return [{each.name for each in found.evidence if each.cuts} for found in (before, now)]


def _untold(trial: Trial) -> Trial:
    """Return a trial without what pruned ones were not ranked by before."""
    if trial.status is not TrialStatus.PRUNED:
        return trial
    return replace(trial, outcome=replace(trial.outcome, score=None, last_epoch=0))


def row(kind: str, found: Sequence[list[set[str]]]) -> str:
    """Return the line of a kind of search."""
    cells = []
    for rule in (0, 1):
        names = [each[rule] for each in found]
        level = sum(any(name not in EFFECTS for name in cut) for cut in names) / len(names)
        cells += [f"{level:.3f}", *(f"{sum(name in cut for cut in names) / len(names):.2f}" for name in EFFECTS)]
    return f"| {' | '.join([kind, *cells])} |"


def main(searches: int, most: int, kinds: Sequence[str]) -> None:
    """Print the table."""
    columns = [f"{what}, {rule}" for rule in ("before", "now") for what in ("useless cut", *EFFECTS)]
    print(f"| {' | '.join(['search', *columns])} |\n|{' --- |' * (len(columns) + 1)}")
    with ProcessPoolExecutor() as pool:
        for kind in kinds:
            found = list(pool.map(functools.partial(cuts, kind, most), range(1, searches + 1)))
            print(row(kind, found), flush=True)


if __name__ == "__main__":
    main(int((sys.argv[1:] or ["200"])[0]), int((sys.argv[2:] or ["60"])[0]), sys.argv[3:] or list(KINDS))
