"""The next search space: what the trials support, and nothing else."""

from __future__ import annotations

import random
from typing import Any

import keras_tuner
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.article_trials import IRRELEVANT, SPACE, article_trials
from tests.narrowing.made_trials import LOSS, OPTIMIZER, RATE, completed, narrowed, trials
from tests.synthetic_run import drawn
from toonvision.config.schema import NarrowingOptions
from toonvision.narrowing.peeling import narrow_space
from toonvision.search_space.space import Space, Values, complete, declare, hyperparameters, possible_values, within
from toonvision.trial.trial import Outcome, Trial, TrialStatus
from toonvision.validation.space import space_problems


def test_the_cuts_of_the_article_are_found_in_trials_with_its_trends() -> None:
    found = [
        narrow_space(SPACE, article_trials(seed), LOSS, NarrowingOptions(threshold=0.3)).space
        for seed in range(100, 106)
    ]
    dropout = [max(possible_values(space["dropout_1_rate"]) or ()) for space in found]
    filters = [list(possible_values(space["conv_2_filters"]) or ()) for space in found]
    pooling = [list(possible_values(space["pool_4_size"]) or ()) for space in found]
    assert all(highest < 0.65 for highest in dropout)
    assert sum(highest < 0.45 for highest in dropout) >= 4  # in the others, more than a tenth of the good lie above
    assert filters == [[8, 12, 16, 20]] * 6
    assert pooling == [[1, 2, 3]] * 6
    assert all(space[name] == SPACE[name] for space in found for name in IRRELEVANT)
    assert all(space["optimizer"] == "Adam" for space in found)


def test_trials_without_a_trend_do_not_change_the_space() -> None:
    draw = random.Random(1)
    found = narrowed(SPACE, trials(SPACE, lambda _: draw.random()))
    assert found.space == SPACE
    assert found.share == 1.0
    assert not any(item.cuts or item.edge for item in found.evidence)


def test_few_trials_are_not_enough() -> None:
    space = {"rate": RATE}
    assert narrowed(space, trials(space, lambda v: v["rate"], count=12)).space == space
    assert narrowed(space, trials(space, lambda v: v["rate"], count=60)).space != space


def test_trials_with_equal_scores_do_not_change_the_space() -> None:
    space = {"rate": RATE}
    assert narrowed(space, trials(space, lambda _: 1.0, noise=0.0)).space == space


def test_both_ends_are_cut_if_the_best_trials_are_in_the_middle() -> None:
    space = {"rate": RATE}
    entry = narrowed(space, trials(space, lambda v: abs(v["rate"] - 0.4))).space["rate"]
    values = possible_values(entry) or ()
    assert 0.1 < min(values) <= 0.4 <= max(values) < 0.7


def test_a_logarithmic_range_is_cut_on_the_logarithmic_scale() -> None:
    space = {"learning_rate": {"hp": "Float", "min_value": 1e-5, "max_value": 1.0, "sampling": "log"}}
    draw = random.Random(3)
    tried = [{"learning_rate": 10 ** draw.uniform(-5, 0)} for _ in range(150)]
    ended = [
        completed(n, v, lambda v: float(v["learning_rate"] > 1e-3), draw.gauss(0, 0.1)) for n, v in enumerate(tried)
    ]
    found = narrowed(space, ended)
    assert found.space["learning_rate"]["min_value"] == 1e-5
    assert 5e-4 < found.space["learning_rate"]["max_value"] < 5e-3
    assert found.share == pytest.approx(0.4, abs=0.07)


def test_single_values_are_cut_from_an_unordered_choice() -> None:
    space = {"optimizer": OPTIMIZER, "rate": RATE}
    found = narrowed(space, trials(space, lambda v: float(v["optimizer"] == "Adam")))
    assert found.space == {"optimizer": {"hp": "Choice", "values": ["SGD", "RMSprop"]}, "rate": RATE}
    assert found.evidence[0].cuts[0].where == "Adam"
    assert found.evidence[0].edge is None


def test_a_boolean_with_one_value_left_becomes_fixed() -> None:
    space = {"flip": {"hp": "Boolean"}, "rate": RATE}
    assert narrowed(space, trials(space, lambda v: float(v["flip"]))).space["flip"] == {"hp": "Fixed", "value": False}


def test_a_hyperparameter_is_tested_on_the_trials_in_which_it_is_active() -> None:
    space = {
        "depth": {"hp": "Int", "min_value": 1, "max_value": 2},
        "rate": {**RATE, "when": {"depth": [2]}},
    }
    ended = trials(space, lambda v: v.get("rate", 0.4), count=200)
    found = {item.name: item for item in narrowed(space, ended).evidence}
    active = sum(trial.values["depth"] == 2 for trial in ended)
    assert len(found["rate"].good) + len(found["rate"].rest) == active < 200
    assert found["rate"].cuts[0].removed.total + found["rate"].cuts[0].rest.total <= active
    assert found["rate"].after is not None
    assert found["rate"].after["when"] == {"depth": [2]}
    assert found["rate"].share < 0.7


def test_an_entry_that_is_never_active_becomes_null() -> None:
    space = {
        "optimizer": OPTIMIZER,
        "momentum": {**RATE, "when": {"optimizer": ["SGD"]}},
        "decay": {**RATE, "when": {"optimizer": ["SGD", "Adam"]}},
    }
    found = narrowed(space, trials(space, lambda v: float(v["optimizer"] == "SGD")))
    assert found.space["momentum"] is None
    assert found.space["decay"] == {**RATE, "when": {"optimizer": ["Adam"]}}
    assert not list(space_problems(found.space))


def test_a_condition_on_a_float_follows_the_last_bits_of_its_steps() -> None:
    space = {
        "rate": RATE,
        "size": {"hp": "Int", "min_value": 1, "max_value": 3, "when": {"rate": [0.1, 0.6000000000000001]}},
    }
    ended = trials(space, lambda v: float(v["rate"] < 0.15), count=200)
    found = narrowed(space, ended)
    rates = possible_values(found.space["rate"]) or ()
    assert rates[0] == 0.2
    assert found.space["size"]["when"]["rate"] == [rates[4]]
    assert not list(space_problems(found.space))
    assert narrowed(found.space, ended).space == found.space


def test_an_end_with_the_best_trials_is_an_edge() -> None:
    space = {"rate": RATE, "size": {"hp": "Int", "min_value": 1, "max_value": 8}, "flip": {"hp": "Boolean"}}
    found = narrowed(space, trials(space, lambda v: v["rate"] - 0.1 * v["size"]))
    edges = {item.name: (item.edge.where, item.edge.value) if item.edge else None for item in found.evidence}
    assert edges == {"rate": ("lower", 0.0), "size": ("upper", 8), "flip": None}


def test_an_optimum_inside_a_range_is_not_an_edge() -> None:
    space = {"rate": RATE}
    found = narrowed(space, trials(space, lambda v: abs(v["rate"] - 0.3)))
    assert found.evidence[0].cuts
    assert found.evidence[0].edge is None


@pytest.mark.parametrize(
    ("options", "cut"),
    [
        ({}, {"rate", "size"}),
        ({"accept": ["rate"]}, {"rate"}),
        ({"refuse": ["rate"]}, {"size"}),
        ({"accept": ["rate"], "refuse": ["rate"]}, set()),
    ],
)
def test_cuts_can_be_accepted_and_refused(options: dict[str, Any], cut: set[str]) -> None:
    space = {"rate": RATE, "size": {"hp": "Int", "min_value": 1, "max_value": 8}}
    found = narrowed(space, trials(space, lambda v: v["rate"] - 0.1 * v["size"]), **options)
    assert {item.name for item in found.evidence if item.cuts} == cut
    for item in found.evidence:
        assert item.cuts or (item.open is not None and item.open.is_supported)
        assert bool(item.cuts) is (item.after != item.before)


def test_values_that_cannot_be_built_are_cut() -> None:
    space = {"size": {"hp": "Int", "min_value": 1, "max_value": 5}}
    ended = [
        infeasible if trial.values["size"] == 5 else trial
        for trial in trials(space, lambda _: 0.0, count=150)
        for infeasible in [Trial(trial.number, trial.values, Outcome(TrialStatus.INFEASIBLE))]
    ]
    assert narrowed(space, ended).space["size"]["max_value"] == 4


def test_trials_outside_the_space_only_determine_which_scores_are_good() -> None:
    inside, space = {"rate": {**RATE, "max_value": 0.4}}, {"rate": RATE}
    ended = trials(space, lambda v: v["rate"])
    found = narrowed(inside, ended)
    assert found.count.total == 100
    assert max(*found.evidence[0].good, *found.evidence[0].rest) < 0.45


def test_a_run_without_trials_does_not_change_the_space() -> None:
    found = narrowed(SPACE, [])
    assert found.space == SPACE
    assert found.bound is None


NUMBERS = st.integers(1, 12)


@st.composite
def _entries(draw: st.DrawFn) -> dict[str, Any]:
    low, width = draw(NUMBERS), draw(NUMBERS)
    sampling = draw(st.sampled_from(["linear", "log", "reverse_log"]))
    step = draw(st.sampled_from([None, 2, 3]))
    whole = width if sampling != "linear" else max(width // (step or 1), 1) * (step or 1)  # a step that reaches the end
    tenths = {"min_value": low / 10, "max_value": (low + width) / 10, "sampling": sampling}
    return draw(
        st.sampled_from(
            [
                {"hp": "Int", "min_value": low, "max_value": low + whole, "step": step, "sampling": sampling},
                {"hp": "Float", **tenths},
                {"hp": "Float", **tenths, "step": 1.5},
                {"hp": "Float", "min_value": 0.0, "max_value": width / 10, "step": 0.1, "default": 0.0},
                {"hp": "Choice", "values": ["adam", "adamw", "sgd"], "default": "sgd"},
                {"hp": "Choice", "values": [low + width, low, low + width + 3]},
                {"hp": "Choice", "values": [0.5, 0.1, 2.5], "ordered": False},
                {"hp": "Boolean"},
            ]
        )
    )


@st.composite
def _spaces(draw: st.DrawFn) -> Space:
    space: dict[str, Any] = {"fixed": draw(st.sampled_from([None, 3, "Adam"]))}
    for index in range(draw(st.integers(1, 4))):
        entry = draw(_entries())
        parents = {name: possible_values(above) for name, above in hyperparameters(space).items()}
        countable = [name for name, values in parents.items() if values is not None]
        if len(countable) > 0 and draw(st.booleans()):
            parent: str = draw(st.sampled_from(countable))
            values = list(parents[parent] or ())
            entry = {**entry, "when": {parent: values[: draw(st.integers(1, len(values)))]}}
        space[f"x{index}"] = entry
    return space


@st.composite
def _searches(draw: st.DrawFn) -> tuple[Space, list[Trial], NarrowingOptions]:
    """A space, trials with a trend or none, some of them without a result, and options."""
    space, chance = draw(_spaces()), random.Random(draw(st.integers(0, 10_000)))
    strength, failing = draw(st.sampled_from([0.0, 1.0, 5.0])), draw(st.sampled_from([0.0, 0.2]))
    names = list(hyperparameters(space))
    weights = {name: chance.uniform(-1, 1) for name in names}

    def cost(values: Values) -> float:
        numbers = {name: value if isinstance(value, int | float) else len(value) for name, value in values.items()}
        return strength * sum(weights[name] * number for name, number in numbers.items()) + chance.gauss(0, 0.5)

    ended = []
    for number in range(draw(st.sampled_from([0, 8, 40, 120]))):
        trial = completed(number, drawn(space, chance), cost)
        if chance.random() < failing:
            trial = Trial(number, trial.values, Outcome(chance.choice([TrialStatus.INFEASIBLE, TrialStatus.PRUNED])))
        ended.append(trial)
    refused = draw(st.sampled_from([[], [names[0]]]))
    return space, ended, NarrowingOptions(quantile=draw(st.sampled_from([0.1, 0.25, 0.5])), refuse=refused)


@given(_searches())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_new_space_is_part_of_the_old_contains_the_best_trial_and_is_stable(
    search: tuple[Space, list[Trial], NarrowingOptions],
) -> None:
    space, ended, options = search
    found = narrow_space(space, ended, LOSS, options).space
    event("cut" if found != space else "as it was")

    assert list(found) == list(space)
    assert list(space_problems(found)) == []
    hp = keras_tuner.HyperParameters()
    assert set(declare(found, hp)) == set(space)
    assert all(list(item.values) for item in hp.space)

    draw = random.Random(0)
    for _ in range(20):
        assert within(space, complete(found, drawn(found, draw)))

    best = min((t for t in ended if t.outcome.score is not None), key=lambda t: t.outcome.score or 0.0, default=None)
    assert best is None or within(found, complete(found, best.values))

    again = [name for name in options.refuse if name in hyperparameters(found)]
    assert narrow_space(found, ended, LOSS, NarrowingOptions(quantile=options.quantile, refuse=again)).space == found
