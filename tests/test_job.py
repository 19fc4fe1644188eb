"""The main job: its stages, how it ends, and the training of a fixed configuration."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import toonvision
from tests import simulation
from tests.configuration import composed
from tests.simulation import Failing, SimulatedTrials
from toonvision.errors import ConfigError, SearchError
from toonvision.record.results import Results
from toonvision.record.run_state import RunStatus
from toonvision.verdict.comparison import Comparison
from toonvision.verdict.test_looks import read_looks


def test_every_stage_has_its_result_and_the_reports_follow(tmp_path: Path) -> None:
    stages = ("tuner.max_trials=4", "finalists.count=2", "finalists.seeds=2", "path.seeds=1")
    results = simulation.run(tmp_path / "run", *stages)
    assert (results.state.status, results.state.error) == (RunStatus.COMPLETED, None)
    assert len(results.trials) == 4
    assert len(results.finalists) == 2
    assert results.path
    assert results.comparison is not None
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["status"] == "COMPLETED"


def test_a_run_without_a_completed_trial_fails_with_the_last_error_and_has_reports(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match=r"at least one trial to complete\. Received: 2 FAILED\..*on purpose"):
        simulation.run(tmp_path / "run", "tuner.max_trials=2", trials=SimulatedTrials(instead=Failing()))
    state = Results.load(tmp_path / "run").state
    assert state.status is RunStatus.FAILED
    assert "at least one trial to complete" in (state.error or "")
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["error"] == state.error


def test_examples_that_cannot_be_resampled_end_a_run_before_its_first_trial(tmp_path: Path) -> None:
    trials = SimulatedTrials(instead=Failing())
    with pytest.raises(
        ConfigError, match=r"training\.resampling\.folds: expected at most \d+, the examples of the rarest"
    ):
        simulation.run(tmp_path / "run", "resampling=kfold", "training.resampling.folds=500", trials=trials)
    assert not (tmp_path / "run" / "trials").exists()


def test_an_error_of_the_comparison_keeps_the_trials_and_a_resumed_run_compares(tmp_path: Path) -> None:
    def fail(*_: Any, **__: Any) -> Comparison:
        raise SearchError("no luck")

    cfg = composed(*simulation.SPACE, "tuner.max_trials=2")
    with pytest.raises(SearchError, match="no luck"):
        toonvision.run(cfg, tmp_path / "run", trainer=replace(simulation.trainer(), compare=fail))
    assert len(Results.load(tmp_path / "run").best()) == 2
    trials = SimulatedTrials()
    assert simulation.resume(tmp_path / "run", trials=trials).comparison is not None
    assert trials.calls == []


@pytest.mark.training
def test_a_fixed_configuration_is_trained_and_judged(tmp_path: Path) -> None:
    overrides = [
        "dataset=breast_cancer",
        "model=mlp",
        "search_space=mlp_baseline",
        "training.retrain={epochs:2,seeds:1}",
    ]
    scores = toonvision.train(toonvision.compose(overrides), tmp_path / "run")
    assert scores.epochs == 2
    assert (tmp_path / "run" / "models" / "trained.keras").is_file()
    (look,) = read_looks(tmp_path / "run")
    assert [subject.role for subject in look.subjects] == ["trained"]
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["trained"]["wrong"] == scores.scores["wrong"]
