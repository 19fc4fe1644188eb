"""Trials with the trends that the article reads off its 100 random ones, whose losses are not public.

The trends (the facts of the article's remainder): the best trials have a first dropout below 0.2, fewer filters in the
second convolution than in the first, and then a fourth pooling of often 1; the worst half has a high first dropout and
nothing else in common; losses lie between 0.087 and 1.40, 23 of 100 of them below 0.3. By hand the article then keeps a
first dropout of at most 0.4, 8 to 20 filters in the second convolution and a fourth pooling of at most 3. Fewer filters
than in the first and yet not 4 can only both be if 4 are too few, so that is a trend here, too, and so is that 4 is too
much for the fourth pooling: hardly a good trial has either, or it would not have been cut. Seven hyperparameters do
nothing.
"""

from __future__ import annotations

import math
import random

import numpy as np

from toonvision.search_space.space import Space, Values, hyperparameters, possible_values
from toonvision.trial.trial import Outcome, Trial, TrialStatus

SPACE: Space = {
    "conv_1_filters": {"hp": "Int", "min_value": 4, "max_value": 16, "step": 4},
    "conv_1_kernel_size": {"hp": "Choice", "values": [3, 5]},
    "pool_1_size": {"hp": "Int", "min_value": 2, "max_value": 4, "step": 1},
    "pool_2_size": {"hp": "Int", "min_value": 1, "max_value": 4, "step": 1},
    "dropout_1_rate": {"hp": "Float", "min_value": 0.0, "max_value": 0.9, "step": 0.1},
    "conv_2_filters": {"hp": "Int", "min_value": 4, "max_value": 20, "step": 4},
    "conv_2_kernel_size": {"hp": "Choice", "values": [3, 5]},
    "pool_3_size": {"hp": "Int", "min_value": 2, "max_value": 4, "step": 1},
    "pool_4_size": {"hp": "Int", "min_value": 1, "max_value": 4, "step": 1},
    "dropout_2_rate": {"hp": "Float", "min_value": 0.0, "max_value": 0.9, "step": 0.1},
    "learning_rate": {"hp": "Choice", "values": [0.01, 0.001, 0.0001]},
    "optimizer": "Adam",
}
IRRELEVANT = (
    *("conv_1_kernel_size", "pool_1_size", "pool_2_size", "conv_2_kernel_size", "pool_3_size", "dropout_2_rate"),
    "learning_rate",
)
NOISE = 0.5


def article_trials(seed: int, noise: float = NOISE, count: int = 100) -> list[Trial]:
    """Return random trials; `noise` is a standard deviation, where a second convolution of 4 costs 2."""
    draw = random.Random(seed)
    values = [_drawn(draw) for _ in range(count)]
    costs = [_cost(drawn) + draw.gauss(0.0, noise) for drawn in values]
    ranks = np.argsort(np.argsort(costs)) / (count - 1)
    losses = np.exp(np.interp(ranks, [0.0, 22.5 / 99, 1.0], np.log([0.087, 0.3, 1.40])))
    outcomes = [Outcome(TrialStatus.COMPLETED, score=float(loss)) for loss in losses]
    return [Trial(number, drawn, outcome) for number, (drawn, outcome) in enumerate(zip(values, outcomes, strict=True))]


def _drawn(draw: random.Random) -> Values:
    return {name: draw.choice(list(possible_values(entry) or ())) for name, entry in hyperparameters(SPACE).items()}


def _cost(values: Values) -> float:
    dropout = 4.0 * max(0.0, values["dropout_1_rate"] - 0.1)
    too_few = 2.0 * (values["conv_2_filters"] == 4)
    too_coarse = 2.0 * (values["pool_4_size"] == 4)
    shape = 0.2 * (values["pool_4_size"] - 1) if values["conv_2_filters"] < values["conv_1_filters"] else 0.8
    felt = math.exp(-3.0 * max(0.0, values["dropout_1_rate"] - 0.3))  # where the dropout is high, it is all
    return float(dropout + felt * (too_few + too_coarse + shape))
