"""Values that an oracle has not tried."""

from __future__ import annotations

from tests.oracle.driven import SPACE, oracle_of
from toonvision.oracle import learn
from toonvision.oracle.untried import untried_near, untried_values
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


def test_values_near_tried_ones_differ_in_one_hyperparameter_and_what_depends_on_it() -> None:
    oracle = oracle_of("random_search", SPACE)
    tried = oracle._random_values()
    learn(oracle, [PriorResult(tried, (1.0,))])
    names = set()
    for _ in range(100):
        near = untried_near(oracle, tried)
        assert near is not None
        changed = {name for name in SPACE if (name in near, near.get(name)) != (name in tried, tried.get(name))}
        assert len(changed - {"hidden", "scale"}) <= 1
        assert ("hidden" in near) is near["bias"]
        names |= changed
    assert names == set(SPACE) - {"constant"}


def test_a_walk_from_tried_values_finds_the_last_untried_ones() -> None:
    oracle = oracle_of("random_search", CONDITIONAL)
    learn(oracle, [PriorResult({"depth": 1}, (1.0,)), PriorResult({"depth": 2, "width": "a"}, (1.0,))])
    assert untried_near(oracle, {"depth": 1}) == {"depth": 2, "width": "b"}
    learn(oracle, [PriorResult({"depth": 2, "width": "b"}, (1.0,))])
    assert untried_near(oracle, {"depth": 1}) is None


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
