"""The combinations that a check tries: all of a small space, or the proposals of a random search."""

from __future__ import annotations

import itertools

import numpy as np

from toonvision.config.node import Node
from toonvision.config.schema import RunConfig
from toonvision.oracle import create_oracle, propose
from toonvision.search_space.space import Values, combinations, hyperparameters, possible_values

_ORACLE = "keras_tuner.oracles.RandomSearchOracle"


def draw(config: RunConfig, most: int) -> tuple[list[Values], bool]:
    """Return distinct combinations of the active hyperparameters' values, and whether there are no others.

    Args:
        config: valid; its `seed` decides the order and the choice.
        most: of them.
    """
    space = config.search_space
    if all(possible_values(entry) is not None for entry in hyperparameters(space).values()):
        listed = list(itertools.islice(combinations(space), most + 1))
        if len(listed) <= most:
            np.random.default_rng(config.seed).shuffle(listed)  # so that the first combinations are a random sample
            return listed, True
    tuner = Node(_ORACLE, {"seed": config.seed, "max_trials": most})
    oracle = create_oracle(tuner, space, config.objective)
    proposals = itertools.takewhile(lambda p: p.status == "RUNNING", (propose(oracle, slot) for slot in range(most)))
    return [proposal.values for proposal in proposals], False
