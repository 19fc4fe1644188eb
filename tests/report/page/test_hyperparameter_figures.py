"""Importances and slices: their data, and what the plots show of them."""

from __future__ import annotations

import optuna
import pytest
from optuna.study import StudyDirection

from toonvision.report.page.hyperparameter_figures import (
    importance_figure,
    importances,
    slice_data,
    slice_figure,
    ticks,
    too_few_scores,
)
from toonvision.search_space.space import Values
from toonvision.trial.trial import Outcome, Trial, TrialStatus

LOW, HIGH = StudyDirection.MINIMIZE, StudyDirection.MAXIMIZE
RATE = {"hp": "Float", "min_value": 0.001, "max_value": 0.1, "sampling": "log"}
UNITS = {"hp": "Choice", "values": [16, 8]}
NAMES = {"hp": "Choice", "values": ["<b>", "a"]}


def trial(number: int, values: Values, score: float) -> Trial:
    return Trial(number, values, Outcome(TrialStatus.COMPLETED, score))


def test_a_slice_leaves_out_trials_in_which_the_hyperparameter_is_inactive() -> None:
    data = slice_data([trial(0, {"rate": 0.01}, 1.0), trial(1, {}, 2.0)], "rate", RATE, "val_loss")
    assert (data.ids, data.values, data.scores, data.is_log) == (["0000"], [0.01], [1.0], True)


def test_numbers_of_a_choice_are_in_ascending_order() -> None:
    assert slice_data([trial(0, {"units": 16}, 1.0)], "units", UNITS, "val_loss").categories == ["8", "16"]


def test_names_of_a_choice_are_as_declared_and_escaped_in_the_plot() -> None:
    data = slice_data([trial(0, {"name": "<b>"}, 1.0)], "name", NAMES, "val_loss")
    assert data.categories == ["<b>", "a"]
    figure = slice_figure(data)
    assert figure.data[0]["x"] == ["&lt;b>"]
    assert figure.layout["xaxis"]["categoryarray"] == ["&lt;b>", "a"]


def test_pruned_trials_are_points_of_their_own_in_a_slice() -> None:
    stopped = Trial(1, {"name": "<b>"}, Outcome(TrialStatus.PRUNED, 2.0))
    failed = Trial(2, {"name": "a"}, Outcome(TrialStatus.PRUNED))
    figure = slice_figure(slice_data([trial(0, {"name": "a"}, 1.0), stopped, failed], "name", NAMES, "val_loss"))
    completed, pruned = figure.data
    assert (completed["x"], completed["customdata"]) == (["a"], ["0000"])
    assert (pruned["x"], pruned["y"], pruned["customdata"]) == (["&lt;b>"], [2.0], ["0001"])
    assert figure.layout["showlegend"]


def test_a_few_whole_numbers_are_the_ticks() -> None:
    assert ticks([3, 1, 3]) == [1, 3]
    assert ticks([1.0, 3.0]) is None
    assert ticks(range(20)) is None
    assert ticks([]) is None


def test_equal_scores_are_too_few() -> None:
    trials = [trial(number, {}, 0.5) for number in range(3)]
    assert too_few_scores(trials) == "This needs at least 2 completed trials with different scores; there are 1."
    assert too_few_scores([*trials, trial(3, {}, 0.6)]) is None


@pytest.mark.parametrize("directions", [[LOW], [HIGH], [HIGH, LOW]])
def test_the_hyperparameter_that_decides_the_score_is_the_most_important(directions: list[StudyDirection]) -> None:
    study = optuna.create_study(directions=directions)
    uniform = optuna.distributions.FloatDistribution(0, 1)
    for number in range(30):
        params = {"noise": (number * 7 % 30) / 30, "decisive": number / 30}
        values = [params["decisive"] ** 2] + [0.0] * (len(directions) - 1)
        study.add_trial(optuna.create_trial(params=params, distributions=dict.fromkeys(params, uniform), values=values))
    shares = importances(study, ["noise", "decisive"])
    assert list(shares) == ["decisive", "noise"]
    assert shares["decisive"] > 0.6


def test_the_most_important_hyperparameter_is_at_the_top() -> None:
    (bars,) = importance_figure({"first": 0.9, "second": 0.001}, "val_loss").data
    assert bars["y"] == ["second", "first"]
    assert bars["text"] == ["<0.01", "0.90"]


def test_unknown_importances_are_missing() -> None:
    assert importance_figure({}, "val_loss").missing == "All completed trials have the same values."
