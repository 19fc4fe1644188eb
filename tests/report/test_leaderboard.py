"""Several runs on one leaderboard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.synthetic_run import completed_run, synthetic_run
from toonvision.record.results import Results
from toonvision.record.run_state import Finalist
from toonvision.report.leaderboard import leaderboard, sweep_runs, write_leaderboard
from toonvision.trial.trial import Outcome, TrialStatus


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Results]:
    """Return a run without a comparison, and one with it."""
    folder = tmp_path_factory.mktemp("runs")
    unfinished = synthetic_run(folder / "first", "tuner=random_search", "seed=3", trials=3)
    return [unfinished, completed_run(folder / "second", "tuner=random_search", "seed=4", trials=3)]


def test_runs_without_a_score_come_last(runs: list[Results]) -> None:
    frame = leaderboard([replace(runs[0], trials=[]), runs[1]])
    assert frame["run"].tolist() == [str(run.directory) for run in reversed(runs)]
    assert frame["test_saved"].tolist()[0] == 12
    assert frame["trials"].tolist() == [3, 0]


def test_runs_are_sorted_by_their_validation_score_and_not_by_the_test_set(tmp_path: Path) -> None:
    """The scores of the search decide unless all runs have finalists."""
    first, second = (
        completed_run(tmp_path / f"{seed}", f"seed={seed}", "finalists.count=2", trials=4) for seed in (3, 4)
    )
    best = sorted((first, second), key=lambda run: run.best(1)[0].outcome.score or 0.0)
    assert leaderboard([first, second])["run"].tolist() == [str(run.directory) for run in best]
    worse = best[1].best(1)[0].number
    fresh = Finalist(worse, 2, Outcome(TrialStatus.COMPLETED, score=1e-9))
    alone = replace(best[1], state=replace(best[1].state, finalists=(fresh,)))
    assert leaderboard([best[0], alone])["run"].tolist() == [str(run.directory) for run in best]
    other = replace(fresh, number=best[0].best(1)[0].number, outcome=replace(fresh.outcome, score=0.5))
    both = [replace(best[0], state=replace(best[0].state, finalists=(other,))), alone]
    assert leaderboard(both)["fresh_score"].tolist() == [1e-9, 0.5]


def test_the_test_measures_have_their_interval(runs: list[Results]) -> None:
    (row,) = (row for _, row in leaderboard(runs).iterrows() if row["run"] == str(runs[1].directory))
    assert row["test_low"] < row["test_mean"] < row["test_high"]


def test_a_sweep_without_runs_has_an_empty_leaderboard(tmp_path: Path) -> None:
    assert write_leaderboard(sweep_runs(tmp_path), tmp_path).empty
    assert (tmp_path / "leaderboard.csv").is_file()


def test_options_that_differ_are_columns_and_no_column_is_lost(runs: list[Results]) -> None:
    frame = leaderboard(runs)
    assert list(frame.columns)[:4] == ["run", "overrides", "seed", "dataset"]
    assert sorted(frame["seed"]) == ["3", "4"]
    named = [replace(run, overrides=[f"epochs={number}"]) for number, run in enumerate(runs)]
    assert "option.epochs" in leaderboard(named)


def test_a_run_that_ended_before_its_record_is_listed_as_failed(tmp_path: Path) -> None:
    completed_run(tmp_path / "10", trials=2)
    synthetic_run(tmp_path / "9", trials=2)
    (tmp_path / "9" / "study.journal").unlink()
    frame = write_leaderboard(sweep_runs(tmp_path), tmp_path)
    assert sorted(frame["status"]) == ["COMPLETED", "FAILED"]
    assert "It ended before its first trial." in (tmp_path / "leaderboard.html").read_text()
    assert [run.directory.name for run in sweep_runs(tmp_path)] == ["9", "10"]
    (tmp_path / "9" / "summary.json").write_text("{}")
    assert [run.directory.name for run in sweep_runs(tmp_path)] == ["10"]  # a training without a search
