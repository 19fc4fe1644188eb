"""Several runs on one leaderboard."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from tests.synthetic_run import completed_run, synthetic_run
from toonvision.record.results import Results
from toonvision.report.leaderboard import leaderboard, leaderboard_table, write_leaderboard


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Results]:
    """Return a run without a comparison, and one with it."""
    folder = tmp_path_factory.mktemp("runs")
    unfinished = synthetic_run(folder / "first", "tuner=random_search", "seed=3", trials=3)
    return [unfinished, completed_run(folder / "second", "tuner=random_search", "seed=4", trials=3)]


def test_runs_without_a_tuned_model_come_last(runs: list[Results]) -> None:
    frame = leaderboard(runs)
    assert frame["run"].tolist() == [str(run.directory) for run in reversed(runs)]
    assert frame["wrong"].tolist()[0] == 12
    assert frame["trials"].tolist() == [3, 3]


def test_the_table_leaves_out_what_all_runs_share(runs: list[Results]) -> None:
    file = io.StringIO()
    Console(width=200, file=file).print(leaderboard_table(leaderboard(runs)))
    text = file.getvalue()
    assert "seed=3" in text
    assert "tuner=random_search" not in text
    assert str(runs[0].directory) not in text


def test_a_sweep_without_runs_has_an_empty_leaderboard(tmp_path: Path) -> None:
    assert write_leaderboard(tmp_path).empty
    assert (tmp_path / "leaderboard.csv").is_file()
