"""Trials whose cost is a known function of their values, and what narrowing makes of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.synthetic_run import drawn
from toonvision.config.parse import parse
from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing.evidence import Narrowing
from toonvision.narrowing.peeling import narrow_space
from toonvision.search_space.space import Space, Values
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, Trial, TrialStatus

LOSS = Objective(name="val_loss", direction="min")
RATE = {"hp": "Float", "min_value": 0.0, "max_value": 0.9, "step": 0.1}
OPTIMIZER = {"hp": "Choice", "values": ["SGD", "Adam", "RMSprop"]}


def trials(space: Space, cost: Callable[[Values], float], *, count: int = 100, noise: float = 0.1) -> list[Trial]:
    """Random trials that completed with a cost of their values and some noise."""
    draw = random.Random(7)
    return [completed(number, drawn(space, draw), cost, draw.gauss(0, noise)) for number in range(count)]


def completed(number: int, values: Values, cost: Callable[[Values], float], more: float = 0.0) -> Trial:
    return Trial(number, values, Outcome(TrialStatus.COMPLETED, score=cost(values) + more))


def narrowed(space: Space, ended: list[Trial], **options: Any) -> Narrowing:
    return narrow_space(space, ended, LOSS, parse(NarrowingOptions, options))
