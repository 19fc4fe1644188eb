"""The combinations that a check tries."""

from __future__ import annotations

from tests.configuration import configured
from toonvision.oracle import create_oracle, propose
from toonvision.space_check.sample import draw


def test_a_large_space_is_sampled_as_random_search_samples_it() -> None:
    config = configured("dataset=breast_cancer", "model=mlp", "tuner=random_search", "tuner.max_trials=7")
    combinations, is_all = draw(config, 7)
    oracle = create_oracle(config.tuner, config.search_space, config.objective)
    assert combinations == [propose(oracle, slot).values for slot in range(7)]
    assert not is_all


def test_a_small_space_is_listed_without_inactive_hyperparameters() -> None:
    space = {
        "depth": {"hp": "Int", "min_value": 1, "max_value": 2},
        "width": {"hp": "Choice", "values": ["a", "b"], "when": {"depth": [2]}},
        "fixed": 3,
    }
    combinations, is_all = draw(configured().model_copy(update={"search_space": space}), 3)
    assert is_all
    assert sorted(map(str, combinations)) == [
        "{'depth': 1}",
        "{'depth': 2, 'width': 'a'}",
        "{'depth': 2, 'width': 'b'}",
    ]
