"""Finalists: trained again with fresh seeds, once each, and the best of their means is the chosen one."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from omegaconf import OmegaConf
from rich.console import Console

import toonvision
from tests import simulation
from tests.simulation import FAILED, Failing, SimulatedTrials, chosen, compared, cut_off, resume, score, smooth
from toonvision.config.compose import compose
from toonvision.record.results import Results
from toonvision.report import terminal
from toonvision.search.finalists import SHIFT
from toonvision.trial.trial import Reason, TrialStatus

TABLE = ("dataset=breast_cancer", "model=mlp", "training.epochs=1", "training.retrain.epochs=1", "executor=inline")
THREE = ("tuner.max_trials=8", "finalists.count=3", "finalists.seeds=2")


def run(directory: Path, *overrides: str, trials: SimulatedTrials | None = None) -> Results:
    return simulation.run(directory, *THREE, *overrides, trials=trials)


@pytest.mark.training
def test_the_best_trials_are_trained_again_and_the_best_mean_is_retrained(tmp_path: Path) -> None:
    cfg = compose([*TABLE, "tuner.max_trials=3", "finalists.count=2"])
    results = toonvision.run(cfg, tmp_path / "run")
    assert {finalist.number for finalist in results.finalists} == {trial.number for trial in results.best(2)}
    for finalist in results.finalists:
        trial = results.trials[finalist.number]
        scores = finalist.outcome.scores
        assert len({trial.outcome.score, *scores}) == 3  # seeds that no training has had
        assert finalist.outcome.score == pytest.approx(sum(scores) / 2)
        for folder, executions in (("trials", ["0"]), ("finalists/trials", ["0", "1"])):
            text = (tmp_path / "run" / folder / trial.id / "history.csv").read_text()
            assert [row["execution"] for row in csv.DictReader(text.splitlines())] == executions
    best = min(results.finalists, key=score)
    assert chosen(results).number == best.number
    written = OmegaConf.to_container(OmegaConf.load(tmp_path / "run" / "search_space" / "best.yaml"))
    assert written == results.best_values() == compared(results).tuned.values
    assert Results.load(tmp_path / "run").state == results.state


def test_a_finalist_that_has_failed_is_trained_again_on_resume(tmp_path: Path) -> None:
    late = replace(FAILED, reason=Reason.TIMED_OUT)
    failed = run(tmp_path / "run", trials=SimulatedTrials(instead=Failing(late, folder="finalists")))
    assert {finalist.outcome.status for finalist in failed.finalists} == {TrialStatus.FAILED}
    trials = SimulatedTrials()
    resumed = resume(tmp_path / "run", "training.timeout=60", trials=trials)
    assert sorted(trials.numbers("finalists")) == sorted(finalist.number for finalist in failed.finalists)
    assert {finalist.outcome.status for finalist in resumed.finalists} == {TrialStatus.COMPLETED}


def test_the_seeds_of_the_finalists_are_fresh(tmp_path: Path) -> None:
    trials = SimulatedTrials()
    results = run(tmp_path / "run", trials=trials)
    assert {call.seed for call in trials.calls if call.folder == "finalists"} == {42 + SHIFT, 43 + SHIFT}
    for finalist in results.finalists:
        values = {"n_layers": 1, "activation": "relu", "optimizer": "Adam", **results.trials[finalist.number].values}
        again = [smooth({**dict.fromkeys(results.config.search_space), **values}, 42 + SHIFT + n) for n in (0, 1)]
        assert finalist.outcome.scores == tuple(again)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A finished run, to be read only."""
    return run(tmp_path_factory.mktemp("whole") / "run")


@pytest.mark.parametrize("trained", [0, 3, 4])
def test_a_training_of_a_finalist_that_has_ended_is_not_done_again(
    trained: int, whole: Results, tmp_path: Path
) -> None:
    expected = [finalist.number for finalist in whole.state.finalists]
    stopped = cut_off(tmp_path / "run", *THREE, after=8 + trained)
    assert [finalist.number for finalist in stopped.state.finalists] == expected[: trained // 2]
    trials = SimulatedTrials()
    resumed = resume(tmp_path / "run", trials=trials)
    assert [(call.number, call.fold) for call in trials.calls] == [
        (number, fold) for number in expected for fold in (0, 1)
    ][trained:]
    assert resumed.state.finalists == whole.state.finalists
    assert resumed.trials[7].outcome.score == whole.trials[7].outcome.score
    assert chosen(resumed).number == chosen(whole).number


def test_more_finalists_or_seeds_may_be_asked_for(whole: Results, tmp_path: Path) -> None:
    shutil.copytree(whole.directory, tmp_path / "run")
    trials = SimulatedTrials()
    more = resume(tmp_path / "run", "finalists.count=4", trials=trials)
    assert len(trials.numbers("finalists")) == 1
    assert more.state.finalists[:3] == whole.state.finalists
    trials = SimulatedTrials()
    again = resume(tmp_path / "run", "finalists.seeds=5", trials=trials)
    assert len(trials.numbers("finalists")) == 4
    assert [len(finalist.outcome.scores) for finalist in again.finalists] == [5] * 4
    assert resume(tmp_path / "run", "finalists.count=0").finalists == []


def failing(*numbers: int, times: int = 99) -> SimulatedTrials:
    return SimulatedTrials(instead=Failing(numbers=numbers, folder="finalists", times=times))


def test_a_finalist_that_fails_is_out_and_the_reason_is_shown(whole: Results, tmp_path: Path) -> None:
    best = chosen(whole).number
    results = run(tmp_path / "run", trials=failing(best))
    assert chosen(results).number != best
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    out = [finalist for finalist in summary["finalists"] if finalist["trial_id"] == f"{best:04d}"]
    assert [(finalist["status"], finalist["error"]) for finalist in out] == [("FAILED", "on purpose")]
    console = Console(width=120, record=True, file=io.StringIO())
    terminal.show(results, console)
    assert "raised: on purpose" in console.export_text()


def test_a_failure_of_a_finalist_is_retried(whole: Results, tmp_path: Path) -> None:
    best = chosen(whole).number
    trials = failing(best, times=1)
    results = run(tmp_path / "run", "retries.raised=1", trials=trials)
    assert trials.numbers("finalists").count(best) == 2
    assert chosen(results).number == best


def test_where_every_finalist_fails_the_scores_of_the_search_decide(tmp_path: Path) -> None:
    results = run(tmp_path / "run", trials=failing(*range(8)))
    assert [finalist.outcome.status for finalist in results.finalists] == [TrialStatus.FAILED] * 3
    assert results.chosen() == results.best(1)[0]


def test_finalists_of_hyperband_have_distinct_values_and_all_epochs(tmp_path: Path) -> None:
    trials = SimulatedTrials()
    hyperband = ("tuner=hyperband", "training.epochs=4", "tuner.factor=2", "finalists.count=3")
    results = simulation.run(tmp_path / "run", *hyperband, trials=trials)
    values = [results.trials[finalist.number].values for finalist in results.finalists]
    assert len(values) == 3
    assert all(values.count(one) == 1 for one in values)
    assert [call.promotion for call in trials.calls if call.folder == "finalists"] == [None] * len(values) * 2


def test_every_fresh_score_is_in_the_reports(tmp_path: Path) -> None:
    results = run(tmp_path / "run", "select=smallest_within")
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    rows = json.loads((tmp_path / "run" / "report" / "trials.json").read_text())
    fresh = {f"{finalist.number:04d}": list(finalist.outcome.scores) for finalist in results.finalists}
    assert len(fresh) == 3
    assert {finalist["trial_id"]: finalist["scores"] for finalist in summary["finalists"]} == fresh
    assert {row["trial_id"]: row["fresh_scores"] for row in rows if row["fresh_scores"] is not None} == fresh
    assert summary["chosen_trial"]["trial_id"] == chosen(results).id
    assert summary["best_trial"]["trial_id"] == results.best(1)[0].id
    console = Console(width=120, record=True, file=io.StringIO())
    terminal.show(results, console)
    shown = console.export_text()
    assert f"Chosen: trial {chosen(results).id}, the smallest model within 0.02 of the best mean" in shown
    assert f"tuned (trial {chosen(results).id})" in shown


def test_without_finalists_nothing_is_trained_again(tmp_path: Path) -> None:
    trials = SimulatedTrials()
    results = simulation.run(tmp_path / "run", "tuner.max_trials=2", trials=trials)
    assert len(trials.calls) == 2
    assert results.chosen() == results.best(1)[0]
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["finalists"] is None


def test_another_choice_is_retrained_on_resume(whole: Results, tmp_path: Path) -> None:
    shutil.copytree(whole.directory, tmp_path / "run")
    again = resume(tmp_path / "run", "finalists.count=0", "select=smallest_within", "select.tolerance=9")
    assert again.trials == whole.trials
    assert again.chosen() not in (again.best(1)[0], whole.chosen())
    assert compared(again).tuned.values == again.best_values()
