"""The next search space: what the trials support, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import keras_tuner
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.article_trials import IRRELEVANT, SPACE, article_trials
from toonvision.config.parse import parse
from toonvision.config.schema import NarrowingOptions
from toonvision.errors import ConfigError
from toonvision.narrowing.evidence import Narrowing
from toonvision.narrowing.options import allows, option_problems, restrict
from toonvision.narrowing.peeling import narrow_space
from toonvision.search_space.space import (
    Space,
    Values,
    complete,
    declare,
    hyperparameters,
    is_active,
    possible_values,
    within,
)
from toonvision.trial.objective import Direction, Objective
from toonvision.trial.trial import Outcome, Promotion, Reason, Trial, TrialStatus
from toonvision.validation.space import space_problems

LOSS = Objective(name="val_loss", direction="min")
RATE = {"hp": "Float", "min_value": 0.0, "max_value": 0.9, "step": 0.1}
OPTIMIZER = {"hp": "Choice", "values": ["SGD", "Adam", "RMSprop"]}


def trials(space: Space, cost: Callable[[Values], float], *, count: int = 100, noise: float = 0.1) -> list[Trial]:
    """Random trials that completed with a cost of their values and some noise."""
    draw = random.Random(7)
    return [completed(number, drawn(space, draw), cost, draw.gauss(0, noise)) for number in range(count)]


def completed(number: int, values: Values, cost: Callable[[Values], float], more: float = 0.0) -> Trial:
    return Trial(number, values, Outcome(TrialStatus.COMPLETED, score=cost(values) + more))


def drawn(space: Space, draw: random.Random) -> Values:
    values: Values = {}
    for name, entry in hyperparameters(space).items():
        if is_active(entry.get("when"), complete(space, values)):
            possible = possible_values(entry)
            values[name] = (
                draw.choice(list(possible)) if possible else draw.uniform(entry["min_value"], entry["max_value"])
            )
    return values


def narrowed(space: Space, ended: list[Trial], **options: Any) -> Narrowing:
    return narrow_space(space, ended, LOSS, parse(NarrowingOptions, options))


def test_the_articles_cuts_are_found_in_trials_with_its_trends() -> None:
    found = [
        narrow_space(SPACE, article_trials(seed), LOSS, NarrowingOptions(threshold=0.3)).space
        for seed in range(100, 110)
    ]
    dropout = [max(possible_values(space["dropout_1_rate"]) or ()) for space in found]
    filters = [list(possible_values(space["conv_2_filters"]) or ()) for space in found]
    pooling = [list(possible_values(space["pool_4_size"]) or ()) for space in found]
    assert all(highest < 0.65 for highest in dropout)
    assert sum(highest < 0.45 for highest in dropout) >= 6  # in the others, more than a tenth of the good lie above
    assert filters.count([8, 12, 16, 20]) >= 9
    assert pooling.count([1, 2, 3]) >= 9
    assert sum(space[name] != SPACE[name] for space in found for name in IRRELEVANT) <= 1
    assert all(space["optimizer"] == "Adam" for space in found)


def test_trials_without_a_trend_leave_the_space_as_it_is() -> None:
    draw = random.Random(1)
    found = narrowed(SPACE, trials(SPACE, lambda _: draw.random()))
    assert found.space == SPACE
    assert found.share == 1.0
    assert not any(one.cuts or one.edge for one in found.evidence)


def test_few_trials_are_not_enough() -> None:
    space = {"rate": RATE}
    assert narrowed(space, trials(space, lambda v: v["rate"], count=12)).space == space
    assert narrowed(space, trials(space, lambda v: v["rate"], count=60)).space != space


def test_trials_that_score_alike_say_nothing() -> None:
    space = {"rate": RATE}
    assert narrowed(space, trials(space, lambda _: 1.0, noise=0.0)).space == space


def test_of_a_range_with_the_best_in_its_middle_both_ends_are_cut() -> None:
    space = {"rate": RATE}
    entry = narrowed(space, trials(space, lambda v: abs(v["rate"] - 0.4), count=200)).space["rate"]
    values = possible_values(entry) or ()
    assert 0.1 < min(values) <= 0.4 <= max(values) < 0.7


def test_a_logarithmic_range_is_cut_on_its_own_scale() -> None:
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


def test_of_an_unordered_choice_single_values_go() -> None:
    space = {"optimizer": OPTIMIZER, "rate": RATE}
    found = narrowed(space, trials(space, lambda v: float(v["optimizer"] == "Adam")))
    assert found.space == {"optimizer": {"hp": "Choice", "values": ["SGD", "RMSprop"]}, "rate": RATE}
    assert found.evidence[0].cuts[0].where == "Adam"
    assert found.evidence[0].edge is None


def test_of_true_and_false_one_stays_as_a_fixed_entry() -> None:
    space = {"flip": {"hp": "Boolean"}, "rate": RATE}
    assert narrowed(space, trials(space, lambda v: float(v["flip"]))).space["flip"] == {"hp": "Fixed", "value": False}


def test_only_trials_in_which_it_was_active_speak_of_a_hyperparameter() -> None:
    space = {
        "depth": {"hp": "Int", "min_value": 1, "max_value": 2},
        "rate": {**RATE, "when": {"depth": [2]}},
    }
    ended = trials(space, lambda v: v.get("rate", 0.4), count=200)
    found = {one.name: one for one in narrowed(space, ended).evidence}
    active = sum(trial.values["depth"] == 2 for trial in ended)
    assert len(found["rate"].good) + len(found["rate"].rest) == active < 200
    assert found["rate"].cuts[0].removed.total + found["rate"].cuts[0].rest.total <= active
    assert found["rate"].after is not None
    assert found["rate"].after["when"] == {"depth": [2]}
    assert found["rate"].share < 0.7


def test_what_exists_only_with_values_that_are_cut_becomes_null() -> None:
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


def test_the_evidence_is_in_numbers() -> None:
    space = {"rate": RATE, "flip": {"hp": "Boolean"}}
    ended = trials(space, lambda v: v["rate"])
    found = narrowed(space, ended, quantile=0.2)
    rate, flip = found.evidence
    cut = rate.cuts[0]
    assert (found.count.good, found.count.total, len(rate.good), len(rate.rest)) == (20, 100, 20, 80)
    assert cut.removed.total + cut.rest.total == 100
    assert cut.rest.good >= 18
    assert cut.p < 0.01
    assert rate.importance is not None
    assert flip.importance is not None
    assert rate.importance > 0.9
    assert rate.importance + flip.importance == pytest.approx(1.0)
    assert found.share == pytest.approx(rate.share)
    assert found.bound == sorted(trial.outcome.score or 0.0 for trial in ended)[19]


def test_an_end_at_which_the_best_lie_is_to_be_widened() -> None:
    space = {"rate": RATE, "size": {"hp": "Int", "min_value": 1, "max_value": 8}, "flip": {"hp": "Boolean"}}
    found = narrowed(space, trials(space, lambda v: v["rate"] - 0.1 * v["size"], count=200))
    edges = {one.name: (one.edge.where, one.edge.value) if one.edge else None for one in found.evidence}
    assert edges == {"rate": ("lower", 0.0), "size": ("upper", 8), "flip": None}


def test_an_optimum_inside_a_range_is_no_edge() -> None:
    space = {"rate": RATE}
    found = narrowed(space, trials(space, lambda v: abs(v["rate"] - 0.3), count=200))
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
    found = narrowed(space, trials(space, lambda v: v["rate"] - 0.1 * v["size"], count=200), **options)
    assert {one.name for one in found.evidence if one.cuts} == cut
    for one in found.evidence:
        assert one.cuts or (one.open is not None and one.open.is_supported)
        assert bool(one.cuts) is (one.after != one.before)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantile": 0.0}, "quantile: expected a share between 0 and 1. Received: 0.0."),
        ({"quantile": 1.0}, "quantile: expected a share between 0 and 1. Received: 1.0."),
        ({"threshold": float("nan")}, "threshold: expected a finite number. Received: nan."),
        (
            {"accept": ["raet"]},
            r"accept: expected a hyperparameter of the run \(rate\). Received: 'raet'. Did you mean",
        ),
        ({"refuse": ["x"]}, "refuse: expected a hyperparameter of the run"),
    ],
)
def test_options_out_of_place_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        narrowed({"rate": RATE}, [], **options)


@pytest.mark.parametrize(("direction", "good"), [("min", {0, 1}), ("max", {2, 3})])
def test_a_threshold_counts_in_the_direction_of_the_objective(direction: Direction, good: set[int]) -> None:
    ended = [completed(number, {"rate": 0.1 * number}, lambda v: v["rate"]) for number in range(4)]
    found = narrow_space(
        {"rate": RATE}, ended, Objective(name="val_loss", direction=direction), NarrowingOptions(threshold=0.15)
    )
    assert found.evidence[0].good == tuple(0.1 * number for number in sorted(good))


def ending(number: int, status: TrialStatus, reason: Reason | None = None, score: float | None = None) -> Trial:
    return Trial(number, {"rate": 0.5}, Outcome(status, score=score, reason=reason))


@pytest.mark.parametrize(
    ("trial", "is_informative"),
    [
        (ending(9, TrialStatus.PRUNED, Reason.PRUNED, score=-1.0), True),
        (ending(9, TrialStatus.INFEASIBLE, Reason.INFEASIBLE), True),
        (ending(9, TrialStatus.FAILED, Reason.DIVERGED), True),
        (ending(9, TrialStatus.FAILED, Reason.OUT_OF_MEMORY), True),
        (ending(9, TrialStatus.FAILED, Reason.TIMED_OUT), True),
        (ending(9, TrialStatus.FAILED, Reason.RAISED), False),
        (ending(9, TrialStatus.FAILED, Reason.WORKER_DIED), False),
        (ending(9, TrialStatus.INTERRUPTED, Reason.STOPPED), False),
        (ending(9, TrialStatus.RUNNING), False),
    ],
    ids=lambda value: f"{value.status} {value.outcome.reason}" if isinstance(value, Trial) else "",
)
def test_a_trial_without_a_score_is_bad_if_its_values_are_the_cause(trial: Trial, is_informative: bool) -> None:
    ended = [completed(number, {"rate": 0.1}, lambda _: 1.0, number) for number in range(4)]
    found = narrowed({"rate": RATE}, [*ended, trial], quantile=0.5)
    assert found.evidence[0].rest.count(0.5) == int(is_informative)
    assert 0.5 not in found.evidence[0].good


@pytest.mark.parametrize(("status", "good"), [(TrialStatus.PRUNED, 4), (TrialStatus.INFEASIBLE, 2)])
def test_infeasible_trials_do_not_count_towards_the_quantile(status: TrialStatus, good: int) -> None:
    ended = [completed(number, {"rate": 0.1}, lambda _: 1.0, number) for number in range(4)]
    found = narrowed({"rate": RATE}, [*ended, *(ending(number, status) for number in range(4, 8))], quantile=0.5)
    assert found.count.good == good


def test_values_that_cannot_be_built_are_cut() -> None:
    space = {"size": {"hp": "Int", "min_value": 1, "max_value": 5}}
    ended = [
        infeasible if trial.values["size"] == 5 else trial
        for trial in trials(space, lambda _: 0.0, count=150)
        for infeasible in [Trial(trial.number, trial.values, Outcome(TrialStatus.INFEASIBLE))]
    ]
    assert narrowed(space, ended).space["size"]["max_value"] == 4


def test_only_the_last_trial_of_a_promoted_configuration_counts() -> None:
    first = completed(0, {"rate": 0.1}, lambda _: 0.5)
    second = Trial(1, {"rate": 0.1}, Outcome(TrialStatus.COMPLETED, score=0.2), Promotion(9, 3, parent=0))
    found = narrowed({"rate": RATE}, [first, second, completed(2, {"rate": 0.2}, lambda _: 0.4)], quantile=0.5)
    assert (found.count.total, found.bound, found.evidence[0].good) == (2, 0.2, (0.1,))


def test_trials_of_a_wider_space_say_what_is_good_and_no_more() -> None:
    inside, space = {"rate": {**RATE, "max_value": 0.4}}, {"rate": RATE}
    ended = trials(space, lambda v: v["rate"])
    found = narrowed(inside, ended)
    assert found.count.total == 100
    assert max(*found.evidence[0].good, *found.evidence[0].rest) < 0.45


def test_a_run_without_trials_leaves_the_space_as_it_is() -> None:
    found = narrowed(SPACE, [])
    assert found.space == SPACE
    assert found.bound is None


NUMBERS = st.integers(1, 12)


@st.composite
def _entries(draw: st.DrawFn) -> dict[str, Any]:
    low, width = draw(NUMBERS), draw(NUMBERS)
    sampling = draw(st.sampled_from(["linear", "log", "reverse_log"]))
    step = draw(st.sampled_from([None, 2, 3]))
    tenths = {"min_value": low / 10, "max_value": (low + width) / 10, "sampling": sampling}
    return draw(
        st.sampled_from(
            [
                {"hp": "Int", "min_value": low, "max_value": low + width, "step": step, "sampling": sampling},
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
@settings(max_examples=60, deadline=None)
def test_the_new_space_lies_in_the_old_holds_the_best_trial_and_is_stable(
    search: tuple[Space, list[Trial], NarrowingOptions],
) -> None:
    space, ended, options = search
    found = narrow_space(space, ended, LOSS, options).space
    event("cut" if found != space else "as it was")

    assert list(found) == list(space)
    assert list(space_problems(found)) == []
    hp = keras_tuner.HyperParameters()
    assert set(declare(found, hp)) == set(space)
    assert all(list(one.values) for one in hp.space)

    draw = random.Random(0)
    for _ in range(20):
        assert within(space, complete(found, drawn(found, draw)))

    best = min((t for t in ended if t.outcome.score is not None), key=lambda t: t.outcome.score or 0.0, default=None)
    assert best is None or within(found, complete(found, best.values))

    again = [name for name in options.refuse if name in hyperparameters(found)]
    assert narrow_space(found, ended, LOSS, NarrowingOptions(quantile=options.quantile, refuse=again)).space == found


def test_options_are_for_what_an_earlier_cut_has_left() -> None:
    left = ["units_1", "activation"]
    assert restrict(NarrowingOptions(refuse=["units_2", "units_1"]), left).refuse == ["units_1"]
    assert restrict(NarrowingOptions(accept=["units_2", "activation"]), left).accept == ["activation"]
    nothing = restrict(NarrowingOptions(accept=["units_2"]), left)
    assert not any(allows(nothing, name) for name in left)
    assert option_problems(NarrowingOptions(accept=["units_1"]), left) == []
