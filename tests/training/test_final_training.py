"""One training after the search: its best epoch, its model, and its errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.configuration import configured
from toonvision.config.training_schema import FinalTraining
from toonvision.dataset import load_dataset
from toonvision.errors import SearchError
from toonvision.training import final_training
from toonvision.training.final_training import train_final
from toonvision.training.fit import Watch
from toonvision.training.watchdog import Watchdog
from toonvision.trial.trial import HISTORY, MODEL, OUTPUTS, FinalFindings, Outcome, trial_directory

pytestmark = pytest.mark.training

NAN = float("nan")
TABLE = ("dataset=breast_cancer", "model=mlp", "search_space=mlp_baseline", "training.epochs=2")


def trained(run: Path, *overrides: str, saved: bool = False, examples: tuple[str, ...] | None = None) -> Outcome:
    config, folder = configured(*TABLE, *overrides).default_trial, trial_directory(run, 0)
    folder.mkdir(parents=True)
    (folder / HISTORY).touch()
    final = FinalTraining(role="trained", saved=saved, examples=examples)
    with Watchdog(folder, timeout=None, memory_limit=None, may_exit=False) as watchdog:
        return train_final(config, final, run, 0, watchdog)


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[float]]:
    """Metrics by epoch that take the place of a training."""
    metrics: dict[str, list[float]] = {}

    def fit(model: object, how: object, *, watch: list[Any], **keywords: Any) -> None:
        (watched,) = (one for one in watch if isinstance(one, Watch))
        for epoch in range(len(next(iter(metrics.values())))):
            watched.rows.append({"execution": 0, "epoch": epoch} | {name: row[epoch] for name, row in metrics.items()})

    monkeypatch.setattr(final_training, "fit", fit)
    return metrics


def test_the_best_epoch_is_counted_from_one(tmp_path: Path, history: dict[str, list[float]]) -> None:
    history |= {"val_loss": [0.2, NAN, 0.1, 0.3], "loss": [4.0, 3.0, 2.0, 1.0]}
    outcome = trained(tmp_path)
    assert outcome.metrics == {"val_loss": 0.1, "loss": 2.0}
    assert outcome.final == FinalFindings(best_epoch=3)
    assert (outcome.score, outcome.epochs) == (0.1, 4)


def test_the_objective_decides_which_epoch_is_best(tmp_path: Path, history: dict[str, list[float]]) -> None:
    history |= {"val_loss": [0.1, 0.2], "val_accuracy": [0.5, 0.9]}
    assert trained(tmp_path, "objective=val_accuracy").final == FinalFindings(best_epoch=2)


def test_an_objective_that_is_never_finite_raises_a_search_error(
    tmp_path: Path, history: dict[str, list[float]]
) -> None:
    history["val_loss"] = [NAN, NAN]
    with pytest.raises(SearchError, match="The trained model has diverged: its val_loss is never a finite number"):
        trained(tmp_path)


def test_a_task_of_two_classes_has_the_threshold_of_the_best_epoch(tmp_path: Path) -> None:
    found = trained(tmp_path, "task=binary", "objective=val_loss").final
    assert found is not None
    assert found.threshold is not None
    assert 0 < found.threshold < 1
    other = trained(tmp_path / "other").final
    assert other is not None
    assert other.threshold is None


def test_a_saved_model_predicts_the_named_test_examples(tmp_path: Path) -> None:
    config = configured(*TABLE).default_trial
    names = load_dataset(config.dataset).test.names[3:8]
    outcome = trained(tmp_path, "training.callbacks=null", saved=True, examples=names)
    folder = trial_directory(tmp_path, 0)
    assert np.load(folder / OUTPUTS).shape == (5, 2)
    assert (folder / MODEL).stat().st_size > 0
    assert outcome.metrics.keys() == {"loss", "accuracy"}
    assert outcome.final is not None
    assert outcome.final.batch_seconds is not None
    assert outcome.final.batch_seconds > 0
    assert outcome.epochs == 2
