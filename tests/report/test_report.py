"""The reports of a run agree with its record."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from omegaconf import OmegaConf
from rich.console import Console

from tests.conftest import QUICK
from tests.synthetic_run import ODD_TEXT, completed_run
from toonvision.config.compose import compose
from toonvision.config.node import instantiate
from toonvision.record.conclusion import Conclusion, RunStatus
from toonvision.record.results import Results
from toonvision.report import best_values, summary, terminal, trials_csv, trials_json, write_reports
from toonvision.trial.trial import Outcome, Promotion, Reason, Trial, TrialStatus
from toonvision.validation.validate import validate

FORMATS = {name: node for name, node in validate(compose()).report.formats.items() if node is not None}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A run that has come to its end, with every kind of trial in it."""
    results = completed_run(tmp_path_factory.mktemp("finished") / "run", *QUICK, trials=20)
    write_reports(results)
    return results


@pytest.fixture
def varied(finished: Results) -> Results:
    """Its best trial, and others around it."""
    best = finished.best(1)[0]
    others = [
        Trial(1, best.values, Outcome(TrialStatus.FAILED, error=ODD_TEXT, reason=Reason.RAISED, parameters=12)),
        Trial(2, {"conv_1_filters": 4}, Outcome(TrialStatus.INFEASIBLE, error=ODD_TEXT, reason=Reason.INFEASIBLE)),
        Trial(3, best.values, Outcome(TrialStatus.RUNNING)),
        Trial(4, best.values, replace(best.outcome, score=9.0, scores=(8.0, 10.0)), Promotion(4, 2, 0)),
    ]
    return replace(finished, trials=[Trial(0, best.values, best.outcome), *others])


def of_status(*kept: TrialStatus) -> Callable[[Results], Results]:
    """Return what leaves only trials of some statuses in a run that is not over."""
    return lambda results: replace(
        results, trials=[trial for trial in results.trials if trial.status in kept], conclusion=Conclusion()
    )


RUNS: dict[str, Callable[[Results], Results]] = {
    "that has ended": lambda results: results,
    "without trials": of_status(),
    "that has begun": lambda results: replace(
        results, trials=[Trial(0, results.trials[0].values, Outcome(TrialStatus.RUNNING))], conclusion=Conclusion()
    ),
    "without a completed trial": of_status(TrialStatus.PRUNED, TrialStatus.FAILED, TrialStatus.INFEASIBLE),
    "that has failed": lambda results: replace(
        results, trials=[], conclusion=Conclusion(RunStatus.FAILED, error=ODD_TEXT)
    ),
}


def test_there_are_formats() -> None:
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
    shutil.copy(finished.directory / "study.db", tmp_path)
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
    shutil.copy(finished.directory / "study.db", tmp_path)
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


def test_trials_csv_has_the_documented_columns(varied: Results, tmp_path: Path) -> None:
    columns = list(pd.read_csv(trials_csv.write(varied, tmp_path)).columns)
    assert columns[:3] == ["trial_id", "status", "score"]
    assert columns[-4:] == ["parameters", "epochs", "seconds", "error"]
    assert columns[3:-4] == ["accuracy", "loss", "val_accuracy", "val_loss", *varied.hyperparameters]


def test_trials_json_keeps_every_score_and_the_promotion(varied: Results, tmp_path: Path) -> None:
    table = json.loads(trials_json.write(varied, tmp_path).read_text())
    assert table[4]["scores"] == [8.0, 10.0]
    assert table[4]["promotion"] == {"epochs": 4, "initial_epoch": 2, "parent": "0000"}
    assert table[0]["score"] == varied.trials[0].outcome.score
    assert table[2]["score"] is None
    assert table[2]["conv_2_filters"] is None


def test_summary_json_has_the_outcome(varied: Results, tmp_path: Path) -> None:
    content = json.loads(summary.write(varied, tmp_path).read_text())
    assert content["status"] == "COMPLETED"
    assert content["objective"] == {"name": "val_loss", "direction": "min", "also": {}}
    assert content["best_trial"]["trial_id"] == "0000"
    assert content["trials"] == {"COMPLETED": 2, "FAILED": 1, "INFEASIBLE": 1, "RUNNING": 1}
    assert varied.comparison is not None
    assert content["tuned"]["wrong"] == varied.comparison.tuned.wrong
    assert content["baseline"]["parameters"] == varied.comparison.baseline.parameters


def test_best_yaml_is_the_best_values(varied: Results, tmp_path: Path) -> None:
    path = best_values.write(varied, tmp_path)
    assert OmegaConf.to_container(OmegaConf.load(path)) == varied.best_values()
    assert path.read_text().startswith("# The best values of ")


def test_the_terminal_shows_the_best_trials_and_both_models(varied: Results) -> None:
    file = io.StringIO()
    terminal.show(varied, Console(width=120, file=file))
    text = file.getvalue()
    assert "The best 2 of 5 trials" in text
    assert all(word in text for word in ("0000", "0004", "baseline", "tuned (trial 0000)", "summary.json"))
    assert "toonvision train 'hydra.searchpath=[file://" in text


def test_the_next_commands_keep_the_overrides_of_the_run(finished: Results) -> None:
    given = ["dataset=digits", "hydra.run.dir=mine", "tuner.max_trials=4", "search_space.optimizer=SGD", "seed=3"]
    given += ["search_space@baseline=toonvision_cnn_baseline", "training.epochs=2"]
    file = io.StringIO()
    terminal.show(replace(finished, overrides=given, directory=Path("runs/a b")), Console(width=500, file=file))
    shown = file.getvalue()
    kept = "dataset=digits tuner.max_trials=4 search_space@baseline=toonvision_cnn_baseline training.epochs=2"
    assert f"toonvision train 'hydra.searchpath=[file://runs/a b]' {kept} search_space=best seed=1 " in shown
    others = "dataset=digits search_space.optimizer=SGD seed=3 search_space@baseline=toonvision_cnn_baseline"
    assert f"toonvision {others} training.epochs=2 tuner=bayesian " in shown
    assert "toonvision resume 'runs/a b' tuner.max_trials=6 " in shown


def test_the_same_run_loads_equal(finished: Results) -> None:
    loaded = Results.load(finished.directory)
    assert loaded.trials == finished.trials
    assert loaded.conclusion == finished.conclusion
    assert loaded.to_frame().equals(finished.to_frame())


def test_every_report_can_be_written_again(finished: Results) -> None:
    paths = write_reports(finished)
    files = [path for path in (*paths, *(finished.directory / "tensorboard").rglob("*")) if path.is_file()]
    before = [path.read_bytes() for path in files]
    assert write_reports(Results.load(finished.directory)) == paths
    assert [path.read_bytes() for path in files] == before
