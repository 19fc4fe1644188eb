"""The page of a leaderboard."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.report.page.page_data import data
from tests.synthetic_run import ODD_TEXT, completed_run, conclude, synthetic_run
from toonvision.record.results import Results
from toonvision.record.run_state import RunStatus
from toonvision.report.page import leaderboard_page


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def runs(folder: Path) -> list[Results]:
    """Two seeds each of two numbers of trials; the last run has failed."""
    made = [
        completed_run(folder / f"{trials} #{seed}", f"budget.trials={trials}", f"seed={seed}", trials=trials)
        for trials in (3, 5)
        for seed in (1, 2)
    ]
    (made[0].directory / "report").mkdir()
    (made[0].directory / "report" / "index.html").touch()
    return [*made[:3], conclude(made[3], replace(made[3].state, status=RunStatus.FAILED, error=ODD_TEXT))]


@pytest.fixture(scope="module")
def page(runs: list[Results], folder: Path) -> Path:
    return leaderboard_page.write(runs, folder / "leaderboard.html")


def test_a_group_is_one_row_with_a_link_for_each_seed(page: Path, runs: list[Results]) -> None:
    text = page.read_text().split("<script>")[0]
    assert len(re.findall(r'<td class="option">', text)) == 2
    links = [unquote(link) for link in re.findall(r'<a href="([^"#]+)"', text)]
    assert sorted(set(links)) == ["3 #1/report/index.html", "3 #2", "5 #1", "5 #2"]
    assert all((page.parent / link).exists() for link in links)
    assert '<th scope="col">mean rank</th>' in text
    assert '<th scope="col" class="option">budget.trials</th>' in text
    assert '<th scope="col" class="option">seed</th>' not in text


def test_a_failed_run_is_listed_with_its_error_and_no_text_of_a_run_is_markup(page: Path) -> None:
    text = page.read_text()
    assert "4 runs on 1 dataset, 1 of them not completed." in text
    assert "<b>ünïcode" not in text
    assert escape("& <b>ünïcode 統一</b>[/]") in text


def test_each_group_has_a_curve_by_epochs_and_by_seconds(page: Path) -> None:
    figures = data(page)["figures"]
    assert set(figures) == {"anytime-0-epochs", "anytime-0-seconds"}
    traces = figures["anytime-0-epochs"]["data"]
    assert sorted(trace["name"] for trace in traces if trace["line"].get("shape")) == ["3", "5"]
    assert "https://" not in page.read_text().split("<script>")[0]


def test_runs_that_differ_in_more_than_the_seed_have_a_row_each(runs: list[Results], tmp_path: Path) -> None:
    text = leaderboard_page.write([runs[0], runs[2]], tmp_path / "page.html").read_text()
    assert '<th scope="col">run</th>' in text
    assert "mean rank" not in text


def test_runs_of_several_datasets_have_sections_and_one_without_trials_has_no_plot(
    runs: list[Results], tmp_path: Path
) -> None:
    empty = synthetic_run(tmp_path / "empty", "seed=7", trials=0)
    other = replace(empty, state=replace(empty.state, dataset="<other>"))
    path = leaderboard_page.write([*runs, other], tmp_path / "page.html")
    assert re.findall(r'<h2 id="[^"]+">(.*?)</h2>', path.read_text()) == ["&lt;other&gt; · val_loss", "load · val_loss"]
    assert all(name.startswith("anytime-1") for name in data(path)["figures"])
