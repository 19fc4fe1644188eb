"""How well each hyperparameter separates good trials from the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.narrowing.made_trials import LOSS, OPTIMIZER, RATE, trials
from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing.importance import importances
from toonvision.narrowing.observation import Observation, observations
from toonvision.search_space.space import Space

SPACE: Space = {"rate": RATE, "optimizer": OPTIMIZER, "size": {"hp": "Int", "min_value": 1, "max_value": 8}}


def observed(space: Space) -> list[Observation]:
    """Return 200 trials whose cost is their rate and some noise."""
    return observations(trials(space, lambda v: v.get("rate", 0.4), count=200), space, LOSS, NarrowingOptions())


def test_the_hyperparameter_that_determines_the_score_has_nearly_all_the_importance() -> None:
    found = importances(SPACE, observed(SPACE))
    assert found.keys() == SPACE.keys()
    assert sum(found.values()) == pytest.approx(1.0)
    assert found["rate"] > 0.9


def test_trials_that_are_all_good_or_all_bad_have_no_importances() -> None:
    found = observed(SPACE)
    assert importances(SPACE, [o for o in found if o.good]) == {}
    assert importances(SPACE, [o for o in found if not o.good]) == {}


def test_a_conditional_hyperparameter_has_an_importance() -> None:
    space = {"optimizer": OPTIMIZER, "size": SPACE["size"], "rate": {**RATE, "when": {"optimizer": ["Adam"]}}}
    found = importances(space, observed(space))
    assert found.keys() == space.keys()
    assert found["rate"] > 10 * found["size"]


def test_a_tried_value_may_differ_from_a_choice_in_its_last_bits() -> None:
    space = {**SPACE, "momentum": {"hp": "Choice", "values": [0.15, 0.3]}}
    found = [replace(o, values={**o.values, "momentum": 0.15000000000000002}) for o in observed(SPACE)]
    assert importances(space, found).keys() == space.keys()
