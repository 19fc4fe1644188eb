"""The check of a search space: what cannot be built, what is to blame, and what the rest would cost."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import pytest

import toonvision
from toonvision.config.compose import compose
from toonvision.oracle import create_oracle, planned_epochs, planned_trials, propose, tell
from toonvision.search_space.space import Space, Values, hyperparameters
from toonvision.space_check.blame import combinations, reasons, single_values, smallest_causes
from toonvision.space_check.examination import _plan
from toonvision.space_check.finding import Blame, Condition, Count, Plan, Range, SpaceCheck, Timing, Tried
from toonvision.space_check.memory import training_memory
from toonvision.space_check.sample import draw
from toonvision.trial.trial import Outcome, TrialStatus
from toonvision.validation.validate import validate

PINS = (
    *("search_space.conv_1_filters=4", "search_space.conv_1_kernel_size=3", "search_space.dropout_1_rate=0.1"),
    *("search_space.conv_2_filters=4", "search_space.conv_2_kernel_size=3", "search_space.dropout_2_rate=0.1"),
    *("search_space.pool_3_size=2", "search_space.pool_4_size=2"),
)
# 2 and 4 for each of the first two poolings: 4x4x2x2 = 64 leaves nothing of 32 pixels, 4x2x2x2 = 32 leaves one.
TWO_POOLS = ("dataset=digits", *PINS, "search_space.pool_1_size.step=2", "search_space.pool_2_size.min_value=2")
TINY = (*TWO_POOLS, "search_space.pool_2_size.step=2")
MLP = ("dataset=breast_cancer", "model=mlp")


@pytest.fixture(scope="module")
def tiny() -> SpaceCheck:
    return toonvision.check(compose(TINY))


def tried(space: Space, build: Callable[[Values], bool]) -> list[Tried]:
    """Every combination of a space of choices, without conditions."""
    grid = itertools.product(*(entry["values"] for entry in space.values()))
    every = (dict(zip(space, values, strict=True)) for values in grid)
    return [Tried(values, error=None if build(values) else "model.here: does not fit") for values in every]


def choices(**values: list[Any]) -> Space:
    return {name: {"hp": "Choice", "values": listed} for name, listed in values.items()}


def test_the_share_of_a_small_space_is_exact(tiny: SpaceCheck) -> None:
    assert tiny.is_all
    assert tiny.count == Count(3, 12)  # 2 x 2 poolings, 3 learning rates


def test_the_pair_of_poolings_is_blamed_and_nothing_else(tiny: SpaceCheck) -> None:
    pair = (Condition("pool_1_size", "=", 4), Condition("pool_2_size", "=", 4))
    assert tiny.combinations == (Blame(pair, Count(3, 3), Count(0, 9)),)
    assert tiny.unexplained == 0
    assert [(b.conditions, b.present, b.absent) for b in tiny.values] == [
        ((Condition("pool_1_size", "=", 4),), Count(3, 6), Count(0, 6)),
        ((Condition("pool_2_size", "=", 4),), Count(3, 6), Count(0, 6)),
    ]
    (reason,) = tiny.reasons
    assert reason.where == "model.blocks.block_2.layers.second_pooling"
    assert (reason.count, "zero or negative" in reason.example) == (3, True)


def test_the_models_are_timed_from_cheap_to_dear(tiny: SpaceCheck) -> None:
    assert len(tiny.timings) == 5
    assert [t.memory for t in tiny.timings] == sorted(t.memory for t in tiny.timings)
    assert all(t.epoch > t.step > 0 and t.epochs == 15 for t in tiny.timings)
    assert tiny.plan == Plan(trials=30, epochs=None, executions=1, workers=1, minutes=None)
    assert tiny.seconds == pytest.approx(30 * sum(t.trial for t in tiny.timings) / 5)


def test_the_same_seed_finds_the_same_and_writes_nothing(tiny: SpaceCheck, tmp_path: Path) -> None:
    again = toonvision.check(compose(TINY))
    assert replace(again, timings=()) == replace(tiny, timings=())
    assert [(t.parameters, t.memory) for t in again.timings] == [(t.parameters, t.memory) for t in tiny.timings]
    assert list(tmp_path.iterdir()) == []


def test_hyperparameters_of_dataset_and_training_are_resolved_for_each_model() -> None:
    pins = ("search_space.units_1=8", "search_space.dropout_1_rate=0.0", "search_space.activation=relu")
    rest = ("search_space.n_layers=1", "search_space.learning_rate=0.01")
    searched = ("+search_space.batch_size={hp: Choice, values: [32, 4096]}", "+baseline.batch_size=32")
    checked = toonvision.check(
        compose([*MLP, *pins, *rest, *searched, "training.batch_size=${search_space.batch_size}"])
    )
    assert checked.is_all
    small, large = sorted(t.memory for t in checked.tried)
    # The network is the same; a batch is no larger than the 343 training examples.
    per_example = 2 * 4 * (30 + 30 + 8 + 8 + 2) / 2**20
    assert large - small == pytest.approx((343 - 32) * per_example)


def test_a_fixed_space_is_one_combination() -> None:
    checked = toonvision.check(compose([*MLP, "search_space=mlp_baseline"]))
    assert (checked.count, checked.is_all, checked.plan.trials, checked.seconds) == (Count(0, 1), True, None, None)
    assert checked.parameters == Range(530, 530, 530)


def test_the_plan_is_of_all_rounds_the_finalists_and_the_path() -> None:
    rounds = ("strategy=coarse_to_fine", "strategy.rounds.explore.max_trials=7", "tuner=hyperband", "training.epochs=3")
    config = validate(compose([*MLP, *rounds, "finalists.count=2", "finalists.seeds=3", "path.seeds=2"]))
    hyperband = create_oracle(config["tuner"], config["search_space"], config["objective"])
    trials = planned_trials(hyperband)
    plan = _plan(config)
    assert (plan.trials, plan.free, plan.epochs) == (7 + trials, 7, planned_epochs(hyperband, trials))
    assert plan.finalists == 6
    assert plan.path == 2 * (1 + len(hyperparameters(config["search_space"])))  # the optimizer is the baseline's
    config["budget"]["trials"] = 9
    assert (_plan(config).trials, _plan(config).epochs) == (9, planned_epochs(hyperband, 2))


def test_a_model_that_is_too_large_is_counted_with_what_cannot_be_built() -> None:
    checked = toonvision.check(compose([*MLP, "search_space=mlp_baseline", "constraints.max_parameters=529"]))
    (reason,) = checked.reasons
    assert (reason.where, reason.example) == ("constraints.max_parameters", "expected at most 529. Received: 530.")
    assert checked.count == Count(1, 1)


def test_a_large_space_is_sampled_as_random_search_would() -> None:
    config = validate(compose([*MLP, "tuner=random_search", "tuner.max_trials=7"]))
    drawn, is_all = draw(config, 7)
    oracle = create_oracle(config["tuner"], config["search_space"], config["objective"])
    assert drawn == [propose(oracle, slot).values for slot in range(7)]
    assert not is_all


def test_a_small_space_is_listed_with_only_what_is_active() -> None:
    space = {
        "depth": {"hp": "Int", "min_value": 1, "max_value": 2},
        "width": {"hp": "Choice", "values": ["a", "b"], "when": {"depth": [2]}},
        "fixed": 3,
    }
    drawn, is_all = draw({"search_space": space, "seed": 1}, 3)
    assert is_all
    assert sorted(map(str, drawn)) == ["{'depth': 1}", "{'depth': 2, 'width': 'a'}", "{'depth': 2, 'width': 'b'}"]


def test_the_innocent_are_not_blamed_however_often_they_were_there() -> None:
    space = choices(pool=[1, 2, 3, 4], rate=[0.1, 0.2], kind=["x", "y"])

    def build(values: Values) -> bool:
        return not (values["pool"] >= 3 and values["kind"] == "y")

    sample = [t for t in tried(space, build) if t.error is None or t.values["rate"] == 0.2]  # by mischance
    causes, reference = smallest_causes(space, sample, build)
    assert {tuple(sorted(cause)) for cause in causes} == {("kind", "pool")}
    found, unexplained = combinations(space, sample, causes, reference, most=8)
    assert [blame.conditions for blame in found] == [(Condition("pool", ">=", 3), Condition("kind", "=", "y"))]
    assert (found[0].present, unexplained) == (Count(2, 2), 0)
    assert {c.name for blame in single_values(sample, ["pool", "kind"], 8) for c in blame.conditions} == {
        "pool",
        "kind",
    }


def test_bounds_lead_away_from_the_values_that_can_be_built() -> None:
    space = choices(size=[9, 1, 2, 8])  # the first is the default
    sample = tried(space, lambda values: values["size"] > 2)
    causes, reference = smallest_causes(space, sample, lambda values: values["size"] > 2)
    found, _ = combinations(space, sample, causes, reference, most=8)
    assert [(blame.conditions, blame.present) for blame in found] == [((Condition("size", "<=", 2),), Count(2, 2))]


def test_a_bound_that_would_take_in_what_can_be_built_is_not_drawn() -> None:
    space = choices(size=[1, 2, 3])
    sample = tried(space, lambda values: values["size"] != 2)
    causes, reference = smallest_causes(space, sample, lambda values: values["size"] != 2)
    found, _ = combinations(space, sample, causes, reference, most=8)
    assert [(blame.conditions, blame.present) for blame in found] == [((Condition("size", "=", 2),), Count(1, 1))]


def test_defaults_that_cannot_be_built_are_not_the_reference() -> None:
    space = choices(size=[3, 1, 2], other=[1, 2])
    sample = tried(space, lambda values: values["size"] < 3)
    causes, reference = smallest_causes(space, sample, lambda values: values["size"] < 3)
    assert reference["size"] < 3
    assert causes == [{"size": 3}]


def test_a_conditional_value_is_blamed_with_its_parent() -> None:
    space: Space = {
        "depth": {"hp": "Int", "min_value": 1, "max_value": 2},
        "pool": {"hp": "Int", "min_value": 1, "max_value": 3, "when": {"depth": [2]}},
    }

    def build(values: Values) -> bool:
        assert set(values) == ({"depth", "pool"} if values["depth"] == 2 else {"depth"})
        return values.get("pool") != 3

    every = [{"depth": 1}, *({"depth": 2, "pool": pool} for pool in (1, 2, 3))]
    sample = [Tried(values, error=None if build(values) else "model.here: no") for values in every]
    causes, _ = smallest_causes(space, sample, build)
    assert causes == [{"depth": 2, "pool": 3}]


def test_where_nothing_can_be_built_nothing_single_is_to_blame() -> None:
    space = choices(size=[1, 2])
    sample = tried(space, lambda values: False)
    assert smallest_causes(space, sample, lambda values: False) == ([], {})
    assert [(reason.where, reason.count) for reason in reasons(sample)] == [("model.here", 2)]


def test_experiments_end_when_there_is_no_time_left() -> None:
    space = choices(size=[1, 2, 3, 4])
    sample = tried(space, lambda values: values["size"] < 3)
    left = iter([True, True])  # the defaults, and the defaults again as the first experiment

    def build(_: Values) -> bool:
        try:
            return next(left)
        except StopIteration:
            raise TimeoutError from None

    causes, reference = smallest_causes(space, sample, build)
    _, unexplained = combinations(space, sample, causes, reference, most=8)
    assert (causes, unexplained) == ([], 2)


def test_the_memory_is_that_of_variables_gradients_and_outputs() -> None:
    model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(4), keras.layers.Dense(2)])
    model.compile(keras.optimizers.Adam(), "mse")
    parameters, outputs = (10 * 4 + 4) + (4 * 2 + 2), 10 + 4 + 2
    scalars = 4 + 8  # Adam's learning rate and iterations
    assert training_memory(model, 8) * 2**20 - model_input(model) == pytest.approx(
        4 * 4 * parameters + scalars + 2 * 4 * 8 * (outputs - 10), abs=8
    )


def model_input(model: keras.Model) -> int:
    """Bytes counted for the input of a batch of 8, where it is a layer of its own."""
    return 2 * 4 * 8 * 10 if any(isinstance(layer, keras.layers.InputLayer) for layer in model.layers) else 0


@pytest.mark.parametrize(("epochs", "factor", "iterations"), [(9, 3, 1), (10, 2, 2), (1, 3, 1)])
def test_the_epochs_of_hyperband_are_those_that_it_gives(epochs: int, factor: int, iterations: int) -> None:
    tuner = [f"training.epochs={epochs}", f"tuner.factor={factor}", f"tuner.hyperband_iterations={iterations}"]
    config = validate(compose([*MLP, "tuner=hyperband", *tuner]))
    oracle = create_oracle(config["tuner"], config["search_space"], config["objective"])
    given: dict[str, int] = {}
    trained = []
    while (proposal := propose(oracle, 0)).status == "RUNNING":
        assert proposal.epochs is not None
        trained.append(proposal.epochs - (given[proposal.parent] if proposal.parent else 0))
        given[proposal.trial_id] = proposal.epochs
        tell(oracle, proposal.trial_id, Outcome(TrialStatus.COMPLETED, score=1.0 / len(trained)))
    fresh = create_oracle(config["tuner"], config["search_space"], config["objective"])
    assert planned_epochs(fresh, len(trained)) == sum(trained)


def test_the_time_follows_the_plan() -> None:
    timings = (
        Timing(parameters=1, memory=1.0, start=1.0, step=0.1, epoch=2.0, epochs=5),
        Timing(parameters=2, memory=2.0, start=3.0, step=0.2, epoch=4.0, epochs=10),
    )
    plan = Plan(trials=8, epochs=None, executions=2, workers=4, minutes=None)
    checked = SpaceCheck((), False, (), (), (), 0, timings, plan)
    assert checked.seconds == 8 * (11 + 43) / 2 * 2 / 4
    assert replace(checked, plan=replace(plan, epochs=20)).seconds == (8 * 2 + 20 * 3) * 2 / 4
    assert replace(checked, plan=replace(plan, epochs=20, free=5)).seconds == (5 * 27 + 3 * 2 + 20 * 3) * 2 / 4
    assert replace(checked, plan=replace(plan, trials=2)).seconds == 2 * (11 + 43) / 2 * 2 / 2
    assert replace(checked, plan=replace(plan, trials=None)).seconds is None
