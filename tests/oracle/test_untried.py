"""Values that an oracle has not tried."""

from __future__ import annotations

from tests.oracle.driven import oracle_of
from toonvision.oracle import learn
from toonvision.oracle.untried import untried_values
from toonvision.search_space.space import Space
from toonvision.trial.trial import PriorResult

MANY: Space = {"n": {"hp": "Int", "min_value": 0, "max_value": 2_000}}
CONDITIONAL: Space = {
    "depth": {"hp": "Int", "min_value": 1, "max_value": 2},
    "width": {"hp": "Choice", "values": ["a", "b"], "when": {"depth": [2]}},
}


def test_the_last_untried_value_is_found_among_many() -> None:
    oracle = oracle_of("random_search", MANY)
    learn(oracle, [PriorResult({"n": n}, (1.0,)) for n in range(2_001) if n != 777])
    assert oracle._random_values() is None  # KerasTuner's own draw gives up
    assert untried_values(oracle) == {"n": 777}


def test_an_exhausted_space_has_no_untried_values() -> None:
    oracle = oracle_of("random_search", MANY)
    learn(oracle, [PriorResult({"n": n}, (1.0,)) for n in range(2_001)])
    assert untried_values(oracle) is None


def test_an_inactive_hyperparameter_makes_no_further_combinations() -> None:
    oracle = oracle_of("random_search", CONDITIONAL)
    learn(oracle, [PriorResult({"depth": 1, "width": None}, (1.0,)), PriorResult({"depth": 2, "width": "a"}, (1.0,))])
    assert untried_values(oracle) == {"depth": 2, "width": "b"}
    learn(oracle, [PriorResult({"depth": 2, "width": "b"}, (1.0,))])
    assert untried_values(oracle) is None
