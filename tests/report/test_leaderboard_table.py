"""The leaderboard on the terminal."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.synthetic_run import completed_run, synthetic_run
from toonvision.record.results import Results
from toonvision.report.leaderboard import leaderboard
from toonvision.report.leaderboard_table import groups_table, leaderboard_table, show


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Results]:
    """Return a run without a comparison, and one with it."""
    folder = tmp_path_factory.mktemp("runs")
    unfinished = synthetic_run(folder / "first", "tuner=random_search", "seed=3", trials=3)
    return [unfinished, completed_run(folder / "second", "tuner=random_search", "seed=4", trials=3)]


def shown(runs: Sequence[Results], width: int = 120) -> str:
    file = io.StringIO()
    show(leaderboard(runs), runs, Console(width=width, file=file))
    return file.getvalue()


def test_the_table_leaves_out_what_all_runs_share(runs: list[Results]) -> None:
    file = io.StringIO()
    Console(width=200, file=file).print(leaderboard_table(leaderboard(runs)))
    text = file.getvalue()
    assert "seed=3" in text
    assert "tuner=random_search" not in text
    assert str(runs[0].directory) not in text


def test_large_numbers_have_thousands_separators_and_no_exponent(runs: list[Results]) -> None:
    frame = leaderboard(runs[1:])
    frame["test_mean"], frame["test_low"], frame["test_high"] = 1957.0, 1843.2, 2068.4
    file = io.StringIO()
    Console(width=300, file=file).print(leaderboard_table(frame))
    assert "1,957 (1,840 to 2,070)" in file.getvalue()
    assert "14,620" in file.getvalue()


def test_each_dataset_and_objective_has_a_table_that_fits(tmp_path: Path) -> None:
    """The measures of other tasks are no columns of a table, so that nothing is cut."""
    runs = []
    for name, overrides in {"digits": ["dataset=digits"], "tumours": ["dataset=breast_cancer", "model=mlp"]}.items():
        run = completed_run(tmp_path / name, *overrides, trials=3)
        runs.append(replace(run, state=replace(run.state, dataset=name)))
    text = shown(runs)
    assert all(f"Leaderboard · {name} · val_loss" in text for name in ("digits", "tumours"))
    assert text.count("choosing the best of several runs") == 1
    assert "…" not in text
    assert max(map(len, text.splitlines()[:-1])) <= 120


def test_runs_that_differ_by_their_seed_only_are_groups(tmp_path: Path) -> None:
    runs = [
        completed_run(tmp_path / f"{tuner}{seed}", f"tuner={tuner}", f"seed={seed}", trials=3)
        for tuner in ("random_search", "tpe")
        for seed in (1, 2, 3)
    ]
    text = shown(runs)
    assert "Runs that differ by their seed only" in text
    table = groups_table(runs)
    assert table is not None
    assert [str(column.header) for column in table.columns][:3] == ["tuner", "seeds", "mean val_loss"]
    assert list(table.columns[1].cells) == ["3", "3"]
    assert sorted(map(str, table.columns[0].cells)) == ["random_search", "tpe"]
    assert all(" to " in str(cell) for cell in table.columns[3].cells)
    assert groups_table(runs[:1]) is None
