"""The main job on real photographs in folders: `shared/data/clothing`, where that folder is there."""

from __future__ import annotations

from pathlib import Path

import pytest

import toonvision
from tests.real_data import CLOTHING, reads_real_data
from toonvision.record.run_state import RunStatus

pytestmark = pytest.mark.training


@reads_real_data
def test_the_main_job_runs_on_a_folder_of_photographs(tmp_path: Path) -> None:
    overrides = [
        *("dataset=image_directory", f"dataset.path={CLOTHING}", "dataset.image_size=[48,48]", "dataset.resize=pad"),
        *("tuner.max_trials=2", "finalists.count=0", "training.epochs=2", "training.retrain={epochs:2,seeds:1}"),
        *("training.class_weight=balanced", "objective=val_macro_f1", "executor=inline"),
    ]
    results = toonvision.run(toonvision.compose(overrides), tmp_path / "run")
    assert results.state.status is RunStatus.COMPLETED
    comparison = results.state.comparison
    assert comparison is not None
    assert comparison.test_examples == len(list((CLOTHING / "test").rglob("*.jpg")))
    assert results.best(1)[0].outcome.score == max(trial.outcome.metrics["val_macro_f1"] for trial in results.best())
    assert 0 < comparison.tuned.metrics["macro_f1"] < 1
    assert 0 < comparison.tuned.scores["wrong"] < comparison.test_examples
