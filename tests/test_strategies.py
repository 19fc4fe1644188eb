"""The replay of searches from tabulated curves: the tables are whole, and a replay is the search that it says."""

from __future__ import annotations

import pytest

from benchmarks.strategies.replay import Curves, Steps, replay
from benchmarks.strategies.report import anytime, corrected
from benchmarks.strategies.strategies import COMPARISONS
from benchmarks.strategies.tasks import SEEDS, TASKS, Task
from toonvision.config.compose import compose
from toonvision.errors import SearchError
from toonvision.search_space.space import combinations
from toonvision.validation.validate import validate

DIGITS = next(task for task in TASKS if task.name == "digits")
DEFAULT = COMPARISONS["default"]


def replayed(strategy: str, *, seed: int = 1, workers: int = 1, most_parameters: float = float("inf")) -> Steps:
    curves = Curves.read(DIGITS.table)
    overrides = DEFAULT.overrides(strategy, curves.epochs)
    epochs = DEFAULT.whole * curves.epochs
    return replay(DIGITS, overrides, seed, epochs=epochs, workers=workers, most_parameters=most_parameters)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_table_has_the_curve_of_every_configuration_with_every_seed(task: Task) -> None:
    curves = Curves.read(task.table)
    extra = [f"{task.needs}=."] if task.needs else []
    expected = {
        curves.key(values) for values in combinations(validate(compose([*task.overrides, *extra])).search_space)
    }
    assert set(curves.losses) == {(key, seed) for key in expected for seed in SEEDS}
    assert {len(losses) for losses in curves.losses.values()} == {curves.epochs}


def test_a_replay_gives_the_same_search_again() -> None:
    assert replayed("TPE") == replayed("TPE") != replayed("TPE", seed=2)


def test_the_steps_are_within_the_epochs_and_the_regret_is_of_the_table() -> None:
    steps = replayed("TPE, median pruner")
    epochs, seconds, regrets = zip(*steps, strict=True)
    assert sorted(epochs) == list(epochs)
    assert sorted(seconds) == list(seconds)
    assert 0 < epochs[0] <= epochs[-1] <= 20 * 15
    assert min(regrets) >= 0


def test_two_workers_spend_the_epochs_in_less_time() -> None:
    one, two = replayed("random search"), replayed("random search", workers=2)
    assert two[0][1] == one[0][1]  # the first trial takes its time
    rates = [steps[-1][0] / steps[-1][1] for steps in (one, two)]
    assert rates[1] > 1.8 * rates[0]


def test_models_that_are_too_large_cannot_be_built_and_cost_nothing() -> None:
    curves = Curves.read(DIGITS.table)
    small = curves.smallest(0.2)
    fitting = sum(parameters <= small for parameters in curves.parameters.values())
    assert 0.2 * 432 <= fitting < 0.2 * 432 + 36  # the configurations of an architecture are as large as each other
    assert replayed("random search", most_parameters=small)[0][0] <= curves.epochs  # those before cost no epoch
    with pytest.raises(SearchError, match="100 proposals in a row"):
        replayed("random search", most_parameters=0)


def test_all_for_one_epoch_trains_the_best_of_them_to_the_end() -> None:
    steps = replayed("all for one epoch, the best continue")
    assert steps[0][0] == 1
    assert 60 < steps[-1][0] <= 300


def test_the_anytime_regret_is_the_mean_over_what_may_be_spent() -> None:
    steps = [(25, 1.0, 0.4), (50, 2.0, 0.1), (200, 8.0, 0.0)]
    assert anytime([steps], 0, 100, 0.5) == pytest.approx([(25 * 1 + 25 * 0.8 + 50 * 0.2) / 100])
    assert anytime([steps], 1, 4.0, 0.5) == pytest.approx([(1 * 1 + 1 * 0.8 + 2 * 0.2) / 4])


def test_holm_corrects_for_all_strategies_but_the_reference() -> None:
    found = corrected({"a": 0.01, "b": 0.03, "c": 0.02, "reference": 1.0}, "reference")
    assert found == pytest.approx({"a": 0.03, "c": 0.04, "b": 0.04})
