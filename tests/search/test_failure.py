"""Trials that come to nothing: each kind is told apart, retried as often as configured, and never hangs the search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SEARCH, Run
from toonvision import job
from toonvision.config.schema import TrialConfig
from toonvision.errors import SearchError
from toonvision.record.results import Results
from toonvision.search import running
from toonvision.search.search import failures_in_a_row
from toonvision.training.worker import run_trial
from toonvision.trial.trial import FAILURES, Outcome, Reason, Trial, TrialStatus

pytestmark = pytest.mark.usefixtures("unjudged")
TABLE = (
    *("dataset=breast_cancer", "model=mlp", *SEARCH, "tuner.max_trials=3"),
    *("training.epochs=1", "training.retrain={epochs:1,seeds:1}"),
)
ENDLESS = ("training.epochs=100000", "training.callbacks=null", "tuner.max_consecutive_failed_trials=1")


def test_a_trial_that_takes_too_long_is_timed_out(run: Run, tmp_path: Path) -> None:
    with pytest.raises(SearchError, match=r"0000, timed out: training\.timeout: 0\.5 seconds are over"):
        run(*ENDLESS, "training.timeout=0.5", quick=TABLE)
    (trial,) = Results.load(tmp_path / "run").trials
    assert (trial.status, trial.outcome.reason) == (TrialStatus.FAILED, Reason.TIMED_OUT)


def test_a_trial_that_takes_too_much_memory_is_stopped(run: Run, tmp_path: Path) -> None:
    with pytest.raises(SearchError, match=r"0000, out of memory: training\.memory_limit: 0\.1 GiB are allowed"):
        run(*ENDLESS, "training.memory_limit=0.1", quick=TABLE)
    (trial,) = Results.load(tmp_path / "run").trials
    assert (trial.status, trial.outcome.reason) == (TrialStatus.FAILED, Reason.OUT_OF_MEMORY)


def test_each_bad_end_of_a_process_is_told_apart_and_the_search_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOONVISION_TRUSTED", "misbehaving")
    results = run(
        *("executor=processes", "executor.workers=2", "tuner=grid_search", "tuner.max_trials=null"),
        *(f"search_space.{name}=0" for name in ("dropout_1_rate", "dropout_2_rate")),
        *("search_space.units_1=8", "search_space.units_2=8", "search_space.n_layers=1"),
        *("search_space.activation=relu", "~search_space.learning_rate"),
        "+search_space.learning_rate={hp: Choice, values: [0.03, 0.02, 0.01, 0.005]}",
        "+training.callbacks.misbehaving={_target_: misbehaving.Misbehaving}",
        *("training.timeout=10", "training.memory_limit=2", "tuner.max_consecutive_failed_trials=4"),
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


def failing(reason: Reason, times: int) -> tuple[Callable[..., Outcome], list[tuple[int, int]]]:
    """A `run_trial` that fails so often first, and the numbers and seeds with which it was called."""
    calls: list[tuple[int, int]] = []

    def fail(config: TrialConfig, directory: str, number: int, *others: Any) -> Outcome:
        calls.append((number, config.seed))
        if len(calls) <= times:
            return Outcome(TrialStatus.FAILED, error="on purpose", reason=reason)
        return run_trial(config, directory, number, *others)

    return fail, calls


@pytest.mark.parametrize("reason", FAILURES)
def test_a_failure_is_retried_as_often_as_its_kind_may(
    run: Run, reason: Reason, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail, calls = failing(reason, times=2)
    monkeypatch.setattr(job, "KERAS", replace(job.KERAS, run_trial=fail))
    others = [f"retries.{other.key}=0" for other in FAILURES if other is not reason]
    results = run(f"retries.{reason.key}=2", *others, quick=TABLE)
    assert [trial.status for trial in results.trials] == [TrialStatus.COMPLETED] * 3
    assert [trial.retried for trial in results.trials] == [(reason, reason), (), ()]
    seeds = (42, 43, 44) if reason is Reason.DIVERGED else (42, 42, 42)
    assert calls == [*((0, seed) for seed in seeds), (1, 42), (2, 42)]


def test_a_failure_that_may_not_be_retried_counts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fail, calls = failing(Reason.RAISED, times=2)
    monkeypatch.setattr(job, "KERAS", replace(job.KERAS, run_trial=fail))
    results = run("retries.raised=1", quick=TABLE)
    assert [trial.status for trial in results.trials] == [TrialStatus.FAILED] + [TrialStatus.COMPLETED] * 2
    assert [trial.retried for trial in results.trials] == [(Reason.RAISED,), (), ()]
    assert [number for number, _ in calls] == [0, 0, 1, 2]


def ended(*statuses: TrialStatus) -> list[Trial]:
    return [Trial(number, {}, Outcome(status)) for number, status in enumerate(statuses)]


def test_failures_in_a_row_are_counted_from_the_end() -> None:
    good, bad, unbuilt = TrialStatus.COMPLETED, TrialStatus.FAILED, TrialStatus.INFEASIBLE
    assert failures_in_a_row(ended()) == (0, 0)
    assert failures_in_a_row(ended(bad, bad, good)) == (0, 0)
    assert failures_in_a_row(ended(bad, good, bad, unbuilt, bad)) == (2, 0)
    assert failures_in_a_row(ended(good, bad, unbuilt, unbuilt)) == (1, 2)


def test_a_second_interrupt_does_not_wait(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []

    def interrupted(futures: object, **_: object) -> None:
        waits.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(quick=TABLE)
    assert len(waits) == 2
    assert [trial.status for trial in Results.load(tmp_path / "run").trials] == [TrialStatus.INTERRUPTED]
