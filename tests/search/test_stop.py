"""What a search does when the user stops it, or one of its trials, from another process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import simulation
from tests.simulation import FAILED, Call, SimulatedTrials, smooth
from toonvision.errors import SearchError
from toonvision.health.pruned_trials import pruned_trials
from toonvision.record import stop_request
from toonvision.record.results import Results
from toonvision.record.run_state import RunStatus
from toonvision.report import page
from toonvision.search.search import BY_USER
from toonvision.search_space.space import Values
from toonvision.trial.trial import STOP, Outcome, Reason, TrialStatus, trial_directory

FOUR = ("executor=inline", "tuner=random_search", "tuner.max_trials=4", "training.epochs=6")


def ask_and_wait(run: Path, trial: int | None) -> None:
    """Ask the search to stop, and wait until it has obeyed or its process has gone on without."""
    stop_request.ask(run, trial)
    until = time.monotonic() + 20
    while stop_request.asked(run) != stop_request.StopRequests():
        assert time.monotonic() < until, "nobody obeys"
        time.sleep(0.001)


@dataclass
class AskedAtItsStart:
    """Asks for the end of the search, or of the trial itself, when a trial starts. Other processes can call it.

    Attributes:
        run: directory of the run.
        number: of the trial.
        search: whether the search is to end.
        instead: outcome of the trial; None if it trains.
    """

    run: Path
    number: int
    search: bool = False
    instead: Outcome | None = None

    def __call__(self, call: Call) -> Outcome | None:
        if (call.folder, call.number) != (self.run.name, self.number):
            return None
        ask_and_wait(self.run, None if self.search else self.number)
        until = time.monotonic() + 20
        stopped = trial_directory(self.run, self.number) / STOP
        while self.search and not stopped.exists() and time.monotonic() < until:
            time.sleep(0.001)  # obeyed a moment later
        return self.instead


def asked_at_epoch(run: Path, number: int, epoch: int) -> Callable[[Values, int, int], float]:
    """Return a learning curve during which the trial is asked to stop, once."""
    asked: list[int] = []

    def curve(values: Values, seed: int, at: int) -> float:
        if (trial_directory(run, number) / "history.csv").exists() and at == epoch and not asked:
            asked.append(at)
            ask_and_wait(run, number)
        return smooth(values, seed, at)

    return curve


def statuses(results: Results) -> list[TrialStatus]:
    return [trial.status for trial in results.trials]


@pytest.mark.parametrize("tuner", ["random_search", "tpe", "bayesian", "grid_search"])
def test_a_stopped_trial_counts_as_what_it_has_reached_and_the_search_goes_on(tuner: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    trials = SimulatedTrials(asked_at_epoch(run, 1, 3))
    results = simulation.run(run, *FOUR, f"tuner={tuner}", "tuner.max_trials=4", trials=trials)
    stopped = results.trials[1]
    assert statuses(results) == [TrialStatus.COMPLETED, TrialStatus.PRUNED, *[TrialStatus.COMPLETED] * 2]
    assert (stopped.outcome.reason, stopped.outcome.error) == (Reason.STOPPED_BY_USER, "stopped by the user")
    assert stopped.outcome.epochs == stopped.outcome.last_epoch == len(stopped.intermediate_values) == 4
    assert stopped.outcome.score == min(stopped.intermediate_values.values())
    assert "stopped by the user" in (run / "report" / "trials.csv").read_text()
    assert not (run / stop_request.FOLDER / "0001").exists()
    assert results.state.status is RunStatus.COMPLETED
    assert results.state.ended_by is None
    more = simulation.resume(run, "tuner.max_trials=6")
    assert len(more.trials) == 6
    assert more.trials[1] == stopped


def test_a_trial_that_is_stopped_in_its_first_epoch_has_no_score(tmp_path: Path) -> None:
    run = tmp_path / "run"
    first = ("first=[baseline]", "path.seeds=1")
    results = simulation.run(run, *FOUR, *first, trials=SimulatedTrials(instead=AskedAtItsStart(run, 0)))
    stopped = results.trials[0]
    assert (stopped.status, stopped.source, stopped.outcome.score) == (TrialStatus.PRUNED, "baseline", None)
    assert "stopped by the user" in page.write(results, tmp_path).read_text()
    assert pruned_trials(results) is None
    assert len(simulation.resume(run, "tuner.max_trials=5").trials) == 5


@pytest.mark.parametrize(
    "overrides",
    [
        ("resampling=kfold", "training.resampling.folds=3"),
        ("resampling=kfold", "training.resampling.folds=3", "training.resampling.parallel=true"),
        ("tuner=hyperband", "tuner.max_epochs=6"),
    ],
    ids=["folds", "parallel folds", "hyperband"],
)
def test_a_trial_of_several_trainings_is_stopped_with_all_of_them(overrides: tuple[str, ...], tmp_path: Path) -> None:
    run = tmp_path / "run"
    own = [override for override in FOUR if not (overrides[0].startswith("tuner") and override.startswith("tuner"))]
    results = simulation.run(run, *own, *overrides, trials=SimulatedTrials(asked_at_epoch(run, 0, 0)))
    assert results.trials[0].outcome.reason is Reason.STOPPED_BY_USER
    assert set(statuses(results)[1:]) == {TrialStatus.COMPLETED}
    assert results.comparison


def test_a_stopped_trial_that_fails_does_not_run_again(tmp_path: Path) -> None:
    run = tmp_path / "run"
    trials = SimulatedTrials(instead=AskedAtItsStart(run, 1, instead=FAILED))
    results = simulation.run(run, *FOUR, "retries.raised=3", trials=trials)
    assert results.trials[1].status is TrialStatus.FAILED
    assert trials.numbers("run") == [0, 1, 2, 3]


def test_a_stopped_search_goes_on_with_what_it_has_found_and_can_be_resumed(tmp_path: Path) -> None:
    run = tmp_path / "run"
    trials = SimulatedTrials(instead=AskedAtItsStart(run, 2, search=True))
    results = simulation.run(run, *FOUR, "finalists.count=2", trials=trials)
    assert statuses(results) == [TrialStatus.COMPLETED, TrialStatus.COMPLETED, TrialStatus.INTERRUPTED]
    assert (results.state.status, results.state.ended_by) == (RunStatus.COMPLETED, BY_USER)
    assert results.state.is_search_over
    assert len(results.finalists) == 2
    assert results.comparison
    assert BY_USER in (run / "summary.json").read_text()
    stop_request.ask(run)  # no session obeys what an earlier one was asked
    resumed = simulation.resume(run, "tuner.max_trials=5")
    assert statuses(resumed) == [TrialStatus.COMPLETED] * 5
    assert resumed.state.ended_by is None
    uninterrupted = simulation.run(tmp_path / "other", *FOUR)
    assert [trial.values for trial in resumed.trials[:4]] == [trial.values for trial in uninterrupted.trials]


def test_a_search_that_is_stopped_before_its_first_result_fails_and_says_so(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with pytest.raises(SearchError, match=r"1 INTERRUPTED\. The search was ended by the user \(toonvision stop\)\."):
        simulation.run(run, *FOUR, trials=SimulatedTrials(instead=AskedAtItsStart(run, 0, search=True)))
    assert len(simulation.resume(run).completed) == 4


@pytest.mark.parametrize("search", [False, True])
@pytest.mark.engine
def test_workers_in_other_processes_are_stopped(search: bool, tmp_path: Path) -> None:
    run = tmp_path / "run"
    trials = SimulatedTrials(instead=AskedAtItsStart(run, 2, search=search), epoch_seconds=0.05)
    results = simulation.run(run, *FOUR, "executor=processes", "executor.workers=2", trials=trials)
    assert results.trials[2].status is (TrialStatus.INTERRUPTED if search else TrialStatus.PRUNED)
    assert results.state.ended_by == (BY_USER if search else None)
    assert results.comparison
