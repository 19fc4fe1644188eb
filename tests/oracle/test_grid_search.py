"""Grid search without the combinations of an earlier search."""

from __future__ import annotations

from tests.oracle.driven import oracle_of, search
from toonvision.oracle import learn, planned_trials
from toonvision.search_space.space import Space
from toonvision.trial.trial import PriorResult

GRID: Space = {"a": {"hp": "Int", "min_value": 0, "max_value": 5}, "b": {"hp": "Choice", "values": ["x", "y"]}}
KNOWN = [PriorResult({"a": a, "b": "x"}, (float((a - 4) ** 2),)) for a in range(6)]


def test_a_grid_is_planned_without_the_known_combinations() -> None:
    oracle = oracle_of("grid_search", GRID, max_trials="null")
    learn(oracle, KNOWN)
    assert planned_trials(oracle) == len(search(oracle, 1)) == 6


def test_known_combinations_do_not_count_as_trials() -> None:
    oracle = oracle_of("grid_search", GRID, max_trials=4)
    learn(oracle, KNOWN)
    assert [trial.values for trial in search(oracle, 1)] == [{"a": a, "b": "y"} for a in range(4)]
