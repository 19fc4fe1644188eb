"""Which rounds of a search have values that depend on earlier scores."""

from __future__ import annotations

from collections.abc import Mapping

from toonvision.config.node import Node
from toonvision.config.tree import select

# These oracles and samplers do not learn from scores.
_INDEPENDENT = ("RandomSearchOracle", "GridSearchOracle", "HyperbandOracle", "QMCSampler", "RandomSampler")


def learning_rounds(rounds: Mapping[str, Node]) -> dict[str, str]:
    """Return why the values of a round depend on earlier scores, by the round's name; not of a round without that.

    Args:
        rounds: the tuners of a strategy, in their order.
    """
    reasons = {}
    for place, (name, tuner) in enumerate(rounds.items()):
        target = str(select(tuner.arguments, "sampler._target_") or tuner.target)
        if target.rpartition(".")[2] not in _INDEPENDENT:
            reasons[name] = f"{target} learns from scores"
        elif place:
            reasons[name] = f"the round {name} has only the values that earlier rounds have left"
    return reasons
