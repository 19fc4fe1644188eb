"""The check of a search space: what cannot be built, and what the rest would cost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import toonvision
from tests.configuration import configured
from toonvision.config.compose import compose
from toonvision.oracle import create_oracle, planned_epochs, planned_trials
from toonvision.search_space.space import hyperparameters
from toonvision.space_check.examination import plan_search
from toonvision.space_check.finding import Count, InfeasibleValue, Plan, Range, SpaceCheck
from toonvision.trial.budget import Budget

pytestmark = pytest.mark.training

PINS = (
    *("search_space.conv_1_filters=4", "search_space.conv_1_kernel_size=3", "search_space.dropout_1_rate=0.1"),
    *("search_space.conv_2_filters=4", "search_space.conv_2_kernel_size=3", "search_space.dropout_2_rate=0.1"),
    *("search_space.pool_3_size=2", "search_space.pool_4_size=2"),
)
# 2 and 4 for each of the first two poolings: 4x4x2x2 = 64 leaves nothing of 32 pixels, 4x2x2x2 = 32 leaves one.
TWO_POOLS = ("dataset=digits", *PINS, "search_space.pool_1_size.step=2", "search_space.pool_2_size.min_value=2")
TINY = (*TWO_POOLS, "executor=inline", "search_space.pool_2_size.step=2")
MLP = ("dataset=breast_cancer", "model=mlp")


@pytest.fixture(scope="module")
def tiny() -> SpaceCheck:
    return toonvision.check(compose(TINY))


@pytest.mark.training
def test_the_share_of_a_small_space_is_exact(tiny: SpaceCheck) -> None:
    assert tiny.is_all
    assert tiny.count == Count(3, 12)  # 2 x 2 poolings, 3 learning rates


@pytest.mark.training
def test_the_large_poolings_are_blamed_and_nothing_else(tiny: SpaceCheck) -> None:
    assert tiny.values == (
        InfeasibleValue("pool_1_size", 4, Count(3, 6), Count(0, 6)),
        InfeasibleValue("pool_2_size", 4, Count(3, 6), Count(0, 6)),
    )
    (reason,) = tiny.reasons
    assert reason.where == "model.blocks.block_2.layers.second_pooling"
    assert (reason.count, "zero or negative" in reason.example) == (3, True)


@pytest.mark.training
def test_the_models_are_timed_in_order_of_cost(tiny: SpaceCheck) -> None:
    assert len(tiny.timings) == 5
    assert [t.memory for t in tiny.timings] == sorted(t.memory for t in tiny.timings)
    assert all(t.epoch > t.step > 0 and t.epochs == 15 for t in tiny.timings)
    assert tiny.plan == Plan(trials=30, epochs=None, executions=1, workers=1, minutes=None, finalists=6)
    assert tiny.seconds == pytest.approx(30 * sum(t.trial for t in tiny.timings) / 5)


@pytest.mark.training
def test_the_same_seed_gives_the_same_result_and_writes_nothing(tiny: SpaceCheck, tmp_path: Path) -> None:
    again = toonvision.check(compose(TINY))
    assert replace(again, timings=()) == replace(tiny, timings=())
    assert [(t.parameters, t.memory) for t in again.timings] == [(t.parameters, t.memory) for t in tiny.timings]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.training
def test_hyperparameters_of_dataset_and_training_are_resolved_for_each_model() -> None:
    pins = ("search_space.units_1=8", "search_space.dropout_1_rate=0.0", "search_space.activation=relu")
    rest = ("search_space.n_layers=1", "search_space.learning_rate=0.01")
    searched = ("+search_space.batch_size={hp: Choice, values: [32, 4096]}", "+baseline.batch_size=32")
    checked = toonvision.check(
        compose([*MLP, *pins, *rest, *searched, "training.batch_size=${search_space.batch_size}"])
    )
    assert checked.is_all
    small, large = sorted(t.memory for t in checked.results)
    # The network is the same; a batch is no larger than the 343 training examples.
    per_example = 2 * 4 * (30 + 30 + 8 + 8 + 2) / 2**20
    assert large - small == pytest.approx((343 - 32) * per_example)


@pytest.mark.training
def test_a_fixed_space_is_one_combination() -> None:
    checked = toonvision.check(compose([*MLP, "search_space=mlp_baseline"]))
    assert (checked.count, checked.is_all, checked.plan.trials, checked.seconds) == (Count(0, 1), True, None, None)
    assert checked.parameters == Range(530, 530, 530)


def test_the_plan_covers_all_rounds_the_finalists_and_the_path() -> None:
    rounds = ("strategy=coarse_to_fine", "strategy.rounds.explore.max_trials=7", "tuner=hyperband", "training.epochs=3")
    config = configured(*MLP, *rounds, "finalists.count=2", "finalists.seeds=3", "path.seeds=2")
    hyperband = create_oracle(config.tuner, config.search_space, config.objective)
    trials = planned_trials(hyperband)
    assert trials is not None
    plan = plan_search(config)
    assert (plan.trials, plan.free, plan.epochs) == (7 + trials, 7, planned_epochs(hyperband, trials))
    assert plan.finalists == 6
    assert plan.path == 2 * (1 + len(hyperparameters(config.search_space)))  # the optimizer is the baseline's
    limited = plan_search(config.model_copy(update={"budget": Budget(trials=9)}))
    assert (limited.trials, limited.epochs) == (9, planned_epochs(hyperband, 2))


def test_a_model_that_is_too_large_counts_as_infeasible() -> None:
    checked = toonvision.check(compose([*MLP, "search_space=mlp_baseline", "constraints.max_parameters=529"]))
    (reason,) = checked.reasons
    assert (reason.where, reason.example) == ("constraints.max_parameters", "expected at most 529. Received: 530.")
    assert checked.count == Count(1, 1)
