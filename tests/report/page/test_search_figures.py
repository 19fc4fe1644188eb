"""The data of the plots of a search, and what the plots show of it."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from optuna.trial import FrozenTrial, TrialState, create_trial

from toonvision.report.page.search_figures import (
    ParetoFront,
    history_data,
    history_figure,
    pareto_figure,
    timeline_data,
    timeline_figure,
)
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, Trial, TrialStatus

START = datetime(2026, 1, 31, 10, 15)

LOSS = Objective(name="val_loss", direction="min")


def trial(number: int, score: float | None) -> Trial:
    status = TrialStatus.FAILED if score is None else TrialStatus.COMPLETED
    return Trial(number, {}, Outcome(status, score))


def recorded(number: int, *, begun: datetime, seconds: float | None) -> FrozenTrial:
    """Return a trial of the record; one without a duration is running."""
    frozen = create_trial(state=TrialState.RUNNING if seconds is None else TrialState.FAIL)
    frozen.number, frozen.datetime_start = number, begun
    frozen.datetime_complete = None if seconds is None else begun + timedelta(seconds=seconds)
    return frozen


def test_the_best_score_so_far_skips_trials_that_failed() -> None:
    trials = [trial(0, None), trial(1, 0.5), trial(2, None), trial(3, 0.7), trial(4, 0.3)]
    assert history_data(trials, LOSS).best == [None, 0.5, 0.5, 0.5, 0.3]
    assert history_data(trials, Objective(name="val_loss", direction="max")).best == [None, 0.5, 0.5, 0.7, 0.7]
    assert history_data(trials, LOSS).numbers == [1, 3, 4]


def test_the_history_links_its_points_by_trial_id() -> None:
    points, line = history_figure(history_data([trial(0, None), trial(1, 0.5)], LOSS), "val_loss").data
    assert points["customdata"] == ["0001"]
    assert line["y"] == [None, 0.5]


def test_pruned_trials_are_points_of_their_own_in_the_history() -> None:
    stopped = [Trial(n, {}, Outcome(TrialStatus.PRUNED, score)) for n, score in ((1, 0.9), (2, None), (3, math.inf))]
    figure = history_figure(history_data([trial(0, 0.5), *stopped], LOSS), "val_loss")
    completed, pruned, _ = figure.data
    assert (completed["customdata"], pruned["customdata"], pruned["y"]) == (["0000"], ["0001"], [0.9])
    assert (pruned["name"], pruned["marker"]["symbol"]) == ("pruned", "diamond-open")


def test_a_history_without_a_completed_trial_is_missing() -> None:
    assert history_figure(history_data([trial(0, None)], LOSS), "val_loss").missing == "No trial has completed."


def test_a_running_trial_of_a_dead_search_ends_with_the_last_trial() -> None:
    trials = [recorded(0, begun=START, seconds=60), recorded(1, begun=START, seconds=None)]
    bars = timeline_data(trials, {0: TrialStatus.FAILED, 1: TrialStatus.RUNNING})
    assert [bar.duration for bar in bars] == [timedelta(seconds=60)] * 2


def test_a_running_trial_of_a_search_that_goes_on_ends_now() -> None:
    (bar,) = timeline_data([recorded(0, begun=datetime.now(), seconds=None)], {0: TrialStatus.RUNNING})
    assert bar.duration < timedelta(minutes=5)


def test_a_trial_that_began_after_the_results_were_read_has_no_bar() -> None:
    trials = [recorded(number, begun=START, seconds=1) for number in (0, 1)]
    assert [bar.number for bar in timeline_data(trials, {0: TrialStatus.FAILED})] == [0]


def test_the_timeline_has_a_trace_for_each_status() -> None:
    trials = [recorded(number, begun=START, seconds=2) for number in (0, 1, 2)]
    statuses = {0: TrialStatus.FAILED, 1: TrialStatus.COMPLETED, 2: TrialStatus.FAILED}
    traces = timeline_figure(timeline_data(trials, statuses)).data
    assert {trace["name"]: trace["customdata"] for trace in traces} == {
        "completed": ["0001"],
        "failed": ["0000", "0002"],
    }
    assert traces[0]["x"] == [2000]


def test_a_front_of_three_objectives_is_drawn_in_space() -> None:
    front = ParetoFront(["loss", "size", "time"], {"0000": [1.0, 2.0, 3.0], "0001": [2.0, 3.0, 4.0]}, {"0000"})
    others, optimal = pareto_figure(front).data
    assert (others["type"], others["customdata"]) == ("scatter3d", ["0001"])
    assert (optimal["x"], optimal["y"], optimal["z"]) == ([1.0], [2.0], [3.0])


def test_a_front_of_four_objectives_is_missing() -> None:
    front = ParetoFront(["a", "b", "c", "d"], {"0000": [1.0, 2.0, 3.0, 4.0]}, {"0000"})
    assert pareto_figure(front).missing == "A front has two or three objectives; this search has 4."


def test_few_trials_have_a_tick_each() -> None:
    few, many = ([trial(number, 0.5) for number in range(count)] for count in (3, 30))
    assert history_figure(history_data(few, LOSS), "val_loss").layout["xaxis"]["dtick"] == 1
    assert "dtick" not in history_figure(history_data(many, LOSS), "val_loss").layout["xaxis"]
