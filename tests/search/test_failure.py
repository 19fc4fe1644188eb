"""Failed trials: each kind has its reason, is retried as often as configured, and never hangs the search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests import simulation
from tests.conftest import SEARCH, Train
from tests.simulation import FAILED, Failing, SimulatedTrials
from toonvision.errors import SearchError
from toonvision.record.results import Results
from toonvision.search.search import failures_in_a_row
from toonvision.trial.trial import FAILURES, Outcome, Reason, Trial, TrialStatus

TABLE = (
    *("dataset=breast_cancer", "model=mlp", *SEARCH, "tuner.max_trials=3"),
    *("training.epochs=1", "training.retrain={epochs:1,seeds:1}"),
)
ENDLESS = ("training.epochs=100000", "training.callbacks=null", "tuner.max_consecutive_failed_trials=1")


@pytest.mark.training
def test_a_trial_that_takes_too_long_is_timed_out(train: Train, tmp_path: Path) -> None:
    with pytest.raises(SearchError, match=r"0000, timed out: training\.timeout: 0\.5 seconds are over"):
        train(*ENDLESS, "training.timeout=0.5", quick=TABLE)
    (trial,) = Results.load(tmp_path / "run").trials
    assert (trial.status, trial.outcome.reason) == (TrialStatus.FAILED, Reason.TIMED_OUT)


@pytest.mark.training
def test_a_trial_that_takes_too_much_memory_is_stopped(train: Train, tmp_path: Path) -> None:
    with pytest.raises(SearchError, match=r"0000, out of memory: training\.memory_limit: 0\.1 GiB are allowed"):
        train(*ENDLESS, "training.memory_limit=0.1", quick=TABLE)
    (trial,) = Results.load(tmp_path / "run").trials
    assert (trial.status, trial.outcome.reason) == (TrialStatus.FAILED, Reason.OUT_OF_MEMORY)


@pytest.mark.engine
@pytest.mark.training
def test_each_bad_end_of_a_process_is_told_apart_and_the_search_goes_on(
    train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOONVISION_TRUSTED", "misbehaving")
    results = train(
        *("executor=processes", "executor.workers=2", "tuner=grid_search", "tuner.max_trials=null"),
        *(f"search_space.{name}=0" for name in ("dropout_1_rate", "dropout_2_rate")),
        *("search_space.units_1=8", "search_space.units_2=8", "search_space.n_layers=1"),
        *("search_space.activation=relu", "~search_space.learning_rate"),
        "+search_space.learning_rate={hp: Choice, values: [0.03, 0.02, 0.01, 0.005]}",
        "+training.callbacks.misbehaving={_target_: misbehaving.Misbehaving}",
        *("training.timeout=5", "training.memory_limit=2", "tuner.max_consecutive_failed_trials=4"),
        quick=TABLE,
    )
    reasons = {trial.values["learning_rate"]: trial.outcome.reason for trial in results.trials}
    assert reasons == {
        0.03: Reason.WORKER_DIED,
        0.02: Reason.OUT_OF_MEMORY,
        0.01: Reason.TIMED_OUT,
        0.005: None,
    }
    killed, _, hung, good = results.trials
    assert killed.retried == (Reason.WORKER_DIED,)
    assert "misbehaving.py" in (results.directory / "trials" / hung.id / "worker.log").read_text()
    assert good.status is TrialStatus.COMPLETED


def failing(reason: Reason) -> SimulatedTrials:
    return SimulatedTrials(instead=Failing(replace(FAILED, reason=reason), times=2))


@pytest.mark.parametrize("reason", FAILURES)
def test_a_failure_is_retried_as_often_as_its_kind_may(reason: Reason, tmp_path: Path) -> None:
    trials = failing(reason)
    others = [f"retries.{other.key}=0" for other in FAILURES if other is not reason]
    results = simulation.run(tmp_path / "run", f"retries.{reason.key}=2", *others, "tuner.max_trials=3", trials=trials)
    assert [trial.status for trial in results.trials] == [TrialStatus.COMPLETED] * 3
    assert [trial.retried for trial in results.trials] == [(reason, reason), (), ()]
    seeds = (42, 43, 44) if reason is Reason.DIVERGED else (42, 42, 42)
    assert [(call.number, call.seed) for call in trials.calls] == [*((0, seed) for seed in seeds), (1, 42), (2, 42)]


def test_a_failure_that_may_not_be_retried_counts(tmp_path: Path) -> None:
    trials = failing(Reason.RAISED)
    results = simulation.run(tmp_path / "run", "retries.raised=1", "tuner.max_trials=3", trials=trials)
    assert [trial.status for trial in results.trials] == [TrialStatus.FAILED] + [TrialStatus.COMPLETED] * 2
    assert [trial.retried for trial in results.trials] == [(Reason.RAISED,), (), ()]
    assert trials.numbers("run") == [0, 0, 1, 2]


def ended(*statuses: TrialStatus) -> list[Trial]:
    return [Trial(number, {}, Outcome(status)) for number, status in enumerate(statuses)]


def test_failures_in_a_row_are_counted_from_the_end() -> None:
    good, bad, unbuilt = TrialStatus.COMPLETED, TrialStatus.FAILED, TrialStatus.INFEASIBLE
    assert failures_in_a_row(ended()) == (0, 0)
    assert failures_in_a_row(ended(bad, bad, good)) == (0, 0)
    assert failures_in_a_row(ended(bad, good, bad, unbuilt, bad)) == (2, 0)
    assert failures_in_a_row(ended(good, bad, unbuilt, unbuilt)) == (1, 2)
