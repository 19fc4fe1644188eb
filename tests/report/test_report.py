"""The reports of a run agree with its record."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.configuration import configured
from tests.synthetic_run import ODD_TEXT
from toonvision.config.node import instantiate
from toonvision.record.results import Results
from toonvision.record.run_state import RunState, RunStatus
from toonvision.report import write_reports
from toonvision.trial.trial import Outcome, Trial, TrialStatus

FORMATS = {name: node for name, node in configured().report.formats.items() if node is not None}


def with_status_only(*kept: TrialStatus) -> Callable[[Results], Results]:
    """Return a function that keeps only trials with these statuses, in a run that has not ended."""
    return lambda results: replace(
        results, trials=[trial for trial in results.trials if trial.status in kept], state=RunState()
    )


RUNS: dict[str, Callable[[Results], Results]] = {
    "that has ended": lambda results: results,
    "without trials": with_status_only(),
    "that has begun": lambda results: replace(
        results, trials=[Trial(0, results.trials[0].values, Outcome(TrialStatus.RUNNING))], state=RunState()
    ),
    "without a completed trial": with_status_only(TrialStatus.PRUNED, TrialStatus.FAILED, TrialStatus.INFEASIBLE),
    "that has failed": lambda results: replace(results, trials=[], state=RunState(RunStatus.FAILED, error=ODD_TEXT)),
}


def test_there_are_several_formats() -> None:
    assert len(FORMATS) > 4


@pytest.mark.parametrize("state", RUNS)
@pytest.mark.parametrize("name", FORMATS)
def test_a_format_writes_a_run(name: str, state: str, finished: Results, tmp_path: Path) -> None:
    results = RUNS[state](finished)
    path = instantiate(FORMATS[name], f"report.formats.{name}", results=results, directory=tmp_path)
    assert path.stat().st_size > 0


@pytest.mark.parametrize("state", RUNS)
def test_reports_are_complete_files_in_their_folders(state: str, finished: Results, tmp_path: Path) -> None:
    results = replace(RUNS[state](finished), directory=tmp_path)
    shutil.copy(finished.directory / "study.journal", tmp_path)
    paths = write_reports(results)
    expected = {"summary.json"} | ({"search_space/best.yaml"} if results.best(1) else set())
    assert {str(path.relative_to(tmp_path)) for path in paths if path.parent != tmp_path / "report"} >= expected
    assert all(path.stat().st_size > 0 for path in paths)
    assert {path.name for path in (tmp_path / "report").iterdir()} == {
        path.name for path in paths if path.parent == tmp_path / "report"
    }
    assert not list(tmp_path.glob(".report-*"))


def test_a_failed_write_keeps_the_earlier_file(
    finished: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = replace(finished, directory=tmp_path)
    shutil.copy(finished.directory / "study.journal", tmp_path)
    write_reports(results)
    before = (tmp_path / "report" / "trials.csv").read_bytes()

    def half(frame: pd.DataFrame, path: Path, **_: object) -> None:
        path.write_bytes(before[: len(before) // 2])
        raise OSError("No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", half)
    with pytest.raises(OSError, match="No space"):
        write_reports(results)
    assert (tmp_path / "report" / "trials.csv").read_bytes() == before
    assert not list(tmp_path.glob(".report-*"))


def test_a_loaded_run_equals_the_reported_one(finished: Results) -> None:
    loaded = Results.load(finished.directory)
    assert loaded.trials == finished.trials
    assert loaded.state == finished.state
    assert loaded.to_frame().equals(finished.to_frame())


def test_every_report_can_be_written_again(finished: Results) -> None:
    paths = write_reports(finished)
    files = [path for path in (*paths, *(finished.directory / "tensorboard").rglob("*")) if path.is_file()]
    before = [path.read_bytes() for path in files]
    assert write_reports(Results.load(finished.directory)) == paths
    assert [path.read_bytes() for path in files] == before
