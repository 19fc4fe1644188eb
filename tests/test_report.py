"""The reports of a finished run, which must say what the record says."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from omegaconf import OmegaConf
from rich.console import Console

from toonvision.conclusion import Conclusion, RunStatus
from toonvision.report import (
    best_values,
    comparison_json,
    page,
    summary,
    terminal,
    trials_csv,
    trials_json,
    write_reports,
)
from toonvision.results import Results
from toonvision.trial import Outcome, Promotion, Trial, TrialStatus

WRITERS = [trials_csv.write, trials_json.write, comparison_json.write, page.write, summary.write, best_values.write]


@pytest.fixture
def varied(finished: Results) -> Results:
    """A run with every kind of trial in it, and text that would be markup, CSV or JSON."""
    message = 'model.blocks.x: [red]a "quoted", message[/]\nsecond line'
    best = finished.best(1)[0]
    others = [
        Trial(1, best.values, Outcome(TrialStatus.FAILED, error=message, reason="raised", parameters=12)),
        Trial(2, {"conv_1_filters": 4}, Outcome(TrialStatus.INFEASIBLE, error=message, reason="cannot be built")),
        Trial(3, best.values, Outcome(TrialStatus.RUNNING)),
        Trial(4, best.values, replace(best.outcome, score=9.0, scores=(8.0, 10.0)), Promotion(4, 2, 0)),
    ]
    return replace(finished, trials=[Trial(0, best.values, best.outcome), *others])


@pytest.mark.parametrize("write", WRITERS)
def test_a_writer_returns_the_file_it_has_written(write, varied: Results, tmp_path: Path) -> None:
    path = write(varied, tmp_path)
    assert path.parent == tmp_path
    assert path.read_text().endswith("\n")


@pytest.mark.parametrize("write", [w for w in WRITERS if w is not best_values.write])
def test_a_writer_takes_a_run_without_trials(write, varied: Results, tmp_path: Path) -> None:
    nothing = replace(varied, trials=[], conclusion=Conclusion(RunStatus.FAILED, error="no data"))
    assert write(nothing, tmp_path).is_file()


def test_trials_csv_has_the_contracts_columns_and_reads_back_equal(varied: Results, tmp_path: Path) -> None:
    read = pd.read_csv(trials_csv.write(varied, tmp_path), dtype={"trial_id": str})
    columns = list(read.columns)
    assert columns[:3] == ["trial_id", "status", "score"]
    assert columns[-4:] == ["parameters", "epochs", "seconds", "error"]
    assert columns[3:-4] == ["accuracy", "loss", "val_accuracy", "val_loss", *varied.hyperparameters]
    assert list(read["trial_id"]) == ["0000", "0001", "0002", "0003", "0004"]
    expected = varied.to_frame()
    for name in columns:
        same = (read[name] == expected[name]) | (read[name].isna() & expected[name].isna())
        assert same.all(), name


def test_trials_json_keeps_every_score_and_the_promotion(varied: Results, tmp_path: Path) -> None:
    table = json.loads(trials_json.write(varied, tmp_path).read_text())
    assert table[4]["scores"] == [8.0, 10.0]
    assert table[4]["promotion"] == {"epochs": 4, "initial_epoch": 2, "parent": "0000"}
    assert table[0]["score"] == varied.trials[0].outcome.score
    assert table[2]["score"] is None
    assert table[2]["conv_2_filters"] is None


def test_summary_json_is_for_a_program(varied: Results, tmp_path: Path) -> None:
    content = json.loads(summary.write(varied, tmp_path).read_text())
    assert content["status"] == "COMPLETED"
    assert content["objective"] == {"name": "val_loss", "direction": "min", "also": {}}
    assert content["best_trial"]["trial_id"] == "0000"
    assert content["trials"] == {"COMPLETED": 2, "FAILED": 1, "INFEASIBLE": 1, "RUNNING": 1}
    assert content["tuned"]["wrong"] == varied.conclusion.comparison.tuned.wrong
    assert content["baseline"]["parameters"] == varied.conclusion.comparison.baseline.parameters


def test_best_yaml_is_the_best_values(varied: Results, tmp_path: Path) -> None:
    path = best_values.write(varied, tmp_path)
    assert OmegaConf.to_container(OmegaConf.load(path)) == varied.best_values()
    assert path.read_text().startswith("# The best values of ")


def test_the_page_names_the_best_trials_by_id_and_both_models(varied: Results) -> None:
    console = Console(width=120, file=io.StringIO())
    terminal.show(varied, console)
    text = console.file.getvalue()
    assert "The best 2 of 5 trials" in text
    assert all(word in text for word in ("0000", "0004", "baseline", "tuned (trial 0000)", "summary.json"))
    assert "toonvision train 'hydra.searchpath=[file://" in text


def test_the_next_commands_keep_what_the_run_was_given(finished: Results) -> None:
    given = ("dataset=digits", "hydra.run.dir=mine", "tuner.max_trials=4", "search_space.optimizer=SGD", "seed=3")
    given += ("search_space@baseline=toonvision_cnn_baseline", "training.epochs=2")
    console = Console(width=500, file=io.StringIO())
    terminal.show(replace(finished, overrides=given, directory=Path("runs/a b")), console)
    shown = console.file.getvalue()
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
    before = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in write_reports(Results.load(finished.directory))] == before
