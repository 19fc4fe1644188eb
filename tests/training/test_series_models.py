"""The models for windows of a series: what their hyperparameters build; tests/test_tasks.py trains one."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.configuration import configured
from tests.training.test_model import build
from toonvision.training.execute import execute
from toonvision.training.watchdog import Watchdog
from toonvision.trial.trial import HISTORY, TrialStatus, trial_directory

SHAPE = (12, 3)
SMALL = ("dataset=hourly_load", "dataset.hours=500", "dataset.window=6", "task=regression", "training.epochs=1")


def layers(model: str, **values: object) -> list[str]:
    built = build(f"model={model}", "dataset=hourly_load", shape=SHAPE, values=values)
    return [type(layer).__name__ for layer in built.layers[1:]]


def test_a_convolution_sees_only_rows_before() -> None:
    values: dict[str, object] = {"n_convolutions": 4, "kernel_size": 5, "summary": "flatten"}
    model = build("model=series_cnn", "dataset=hourly_load", shape=SHAPE, values=values)
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv1D)]
    assert [layer.dilation_rate for layer in convolutions] == [(1,), (2,), (4,), (8,)]
    features = keras.Model(model.input, convolutions[-1].output)
    x = np.random.default_rng(0).normal(size=(1, *SHAPE)).astype(np.float32)
    other = x.copy()
    other[0, 7] += 1
    differs = np.abs(features(x) - features(other))[0].max(axis=-1) > 1e-7
    assert not differs[:7].any()
    assert differs[7:].any()


@pytest.mark.parametrize("summary", ["average", "flatten"])
def test_the_summary_of_the_rows_is_a_hyperparameter(summary: str) -> None:
    kinds = layers("series_cnn", summary=summary, n_convolutions=1)
    pooling = ["GlobalAveragePooling1D"] if summary == "average" else []
    assert kinds == ["Conv1D", "Dropout", *pooling, "Flatten", "Dense", "Dropout", "Dense"]


@pytest.mark.parametrize("cell", ["GRU", "LSTM"])
def test_the_cell_and_the_number_of_recurrent_layers_are_hyperparameters(cell: str) -> None:
    assert layers("series_rnn", cell=cell, n_layers=1) == [cell, "Dense"]
    assert layers("series_rnn", cell=cell, n_layers=2, first_units=8) == [cell, cell, "Dense"]


@pytest.mark.training
def test_a_trial_of_the_recurrent_network_trains(tmp_path: Path) -> None:
    config = configured(*SMALL, "model=series_rnn", "objective=val_mae").default_trial
    folder = trial_directory(tmp_path, 0)
    folder.mkdir(parents=True)
    (folder / HISTORY).touch()
    with Watchdog(folder, timeout=None, memory_limit=None, may_exit=False) as watchdog:
        outcome = execute(config, tmp_path, 0, None, watchdog)
    assert outcome.status is TrialStatus.COMPLETED
    assert outcome.score is not None
    assert outcome.score < 100  # megawatts: the model answers in the unit of the target
