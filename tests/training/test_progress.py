"""How far a trial has come: what is kept, what is restored, and which file is not read."""

from __future__ import annotations

import csv
import json
import math
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.configuration import configured
from toonvision.training.execute import execute
from toonvision.training.progress import KeepProgress, Progress
from toonvision.training.watchdog import StoppedError, Watchdog
from toonvision.trial.history import DATA_WAITING
from toonvision.trial.trial import HISTORY, Outcome, Promotion, Reason, TrialStatus, trial_directory

DROPOUTS = (
    *("dataset=breast_cancer", "model=mlp", "search_space.n_layers=1", "search_space.units_1=8"),
    *("search_space.dropout_1_rate=0.4", "search_space.activation=relu", "search_space.learning_rate=0.01"),
    *("training.epochs=8", "training.executions_per_trial=2", "training.checkpoint=1e-9", "training.batch_size=128"),
    "training.callbacks.early_stopping.patience=2",
    "+training.callbacks.plateau={_target_: keras.callbacks.ReduceLROnPlateau, monitor: loss, patience: 1}",
    "+training.callbacks.early_stopping.min_delta=0.05",
)
# Two phases, augmented images whose labels are mixed, and a backbone that stands still at first.
PHASES = (
    *("experiment=function", "model.build._target_=tests.built_models.with_backbone", "training.epochs=8"),
    *("training.executions_per_trial=2", "training.checkpoint=1e-9", "training.batch_size=256"),
    *("augmentation=mixup", "task=multiclass_one_hot", "training.callbacks.early_stopping.patience=2"),
    "+training.augmentation.shift={_target_: keras.layers.RandomTranslation, height_factor: 0.2, width_factor: 0.2}",
    "+training.fine_tuning={after: 3, optimizer: {_target_: keras.optimizers.Adam, learning_rate: 0.02}}",
)
FOLDS = (*DROPOUTS, "training.executions_per_trial=1", "resampling=kfold", "training.resampling.folds=2")
SIGHT = {"trial": "0", "execution": 0, "rows": [], "seconds": 1.0, "numbers": {}, "random": ["MT19937", [], 0, 0, 0.0]}


class Impatient(Watchdog):
    """Asks for a stop within the epoch after so many."""

    def __init__(self, folder: Path, epochs: int) -> None:
        super().__init__(folder, timeout=None, memory_limit=None, may_exit=False)
        self.epochs = epochs

    def check(self) -> None:
        """Raise when so many epochs are in the history."""
        if len(rows(self.folder.parents[1])) >= self.epochs:
            raise StoppedError(Reason.STOPPED, "the search was stopped")


def rows(run: Path) -> list[dict[str, str]]:
    """Return the history but for the share of waiting, which is never the same."""
    lines = csv.DictReader((trial_directory(run, 0) / HISTORY).read_text().splitlines())
    return [{name: value for name, value in line.items() if name != DATA_WAITING} for line in lines]


def run(
    directory: Path,
    overrides: tuple[str, ...] = DROPOUTS,
    *,
    epochs: int = 10**6,
    promotion: Promotion | None = None,
) -> Outcome:
    """Train the trial, and stop it after so many epochs; a history is new each time."""
    folder = trial_directory(directory, 0)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / HISTORY).write_text("")
    with Impatient(folder, epochs) as watchdog:
        return execute(configured(*overrides).default_trial, directory, 0, promotion, watchdog)


@pytest.mark.training
@pytest.mark.parametrize(
    ("overrides", "stops"),
    [(DROPOUTS, (3, 4, 7)), (PHASES, (2, 3, 5, 9)), (FOLDS, (3, 7))],
    ids=["executions", "phases", "folds"],
)
def test_a_trial_that_is_interrupted_again_and_again_is_the_one_that_was_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overrides: tuple[str, ...], stops: tuple[int, ...]
) -> None:
    monkeypatch.setenv("TOONVISION_TRUSTED", "tests.built_models")
    whole = run(tmp_path / "whole", overrides)
    assert whole.status is TrialStatus.COMPLETED
    assert overrides is PHASES or whole.epochs < 16  # early stopping has a state that counts
    for epochs in (*stops, whole.epochs - 1):
        stopped = run(tmp_path / "stopped", overrides, epochs=epochs)
        assert (stopped.status, stopped.epochs) == (TrialStatus.INTERRUPTED, epochs)
    ended = run(tmp_path / "stopped", overrides)
    assert ended.scores == whole.scores
    for outcome in (ended, whole):
        outcome.metrics.pop(DATA_WAITING, None)  # seconds are never the same
    assert (ended.metrics, ended.epochs, ended.last_epoch) == (whole.metrics, whole.epochs, whole.last_epoch)
    assert rows(tmp_path / "stopped") == rows(tmp_path / "whole")


@pytest.mark.training
def test_a_promotion_goes_on_too(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", promotion=Promotion(epochs=3))
    run(tmp_path / "stopped", promotion=Promotion(epochs=3), epochs=2)
    ended = run(tmp_path / "stopped", promotion=Promotion(epochs=3))
    assert (ended.scores, ended.epochs, ended.last_epoch) == (whole.scores, whole.epochs, 3)


def model() -> keras.Model:
    keras.utils.set_random_seed(1)
    built = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
    built.compile("adam", "mse")
    return built


def written(path: Path, trial: str = "mine") -> Progress:
    progress = Progress(path, trial, every=1e-9)
    best = keras.callbacks.EarlyStopping(restore_best_weights=True)
    best.best, best.best_weights = math.inf, [np.array([1.0]), np.array([2.0])]
    progress.write(1, [{"execution": 0, "epoch": 0, "loss": math.nan}], model(), {"a/b c": best})
    return progress


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written(tmp_path / "progress.npz")
    progress = Progress(tmp_path / "progress.npz", "mine", every=None)
    assert progress.reached is not None
    assert progress.reached.execution == 1
    assert repr(progress.reached.rows) == "[{'execution': 0, 'epoch': 0, 'loss': nan}]"  # as in the history's file
    best = keras.callbacks.EarlyStopping()
    progress.restore(model(), {"a/b c": best})
    assert best.best == math.inf
    assert [array.tolist() for array in best.best_weights] == [[1.0], [2.0]]
    assert not best.restore_best_weights  # of the configuration


def test_the_file_of_another_trial_is_not_read(tmp_path: Path) -> None:
    written(tmp_path / "progress.npz", "mine")
    assert Progress(tmp_path / "progress.npz", "another", every=None).reached is None


def change(path: Path, state: object) -> None:
    with np.load(path) as arrays:
        kept = {name: arrays[name] for name in arrays.files}
    np.savez(path, **{**kept, "state": np.array(json.dumps(state))})


@pytest.mark.parametrize(
    "state", [[], {}, {**SIGHT, "trial": "mine", "rows": 3}, {**SIGHT, "trial": "mine", "numbers": {"a": []}}]
)
def test_a_state_that_is_never_written_is_not_read(state: object, tmp_path: Path) -> None:
    written(tmp_path / "progress.npz")
    change(tmp_path / "progress.npz", state)
    assert Progress(tmp_path / "progress.npz", "mine", every=None).reached is None


def test_a_file_that_is_no_archive_holds_objects_or_unpacks_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "progress.npz"
    written(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    assert Progress(path, "mine", every=None).reached is None
    np.savez(path, state=np.array([{}], dtype=object))  # pickled
    assert Progress(path, "mine", every=None).reached is None
    path.write_bytes(whole.replace(b"PK\x01\x02\x2d\x03\x2d", b"PK\x01\x02\x2d\x03\xff"))  # by a later version of ZIP
    assert Progress(path, "mine", every=None).reached is None
    written(path)
    with np.load(path) as arrays:
        np.savez_compressed(path, **{name: arrays[name] for name in arrays.files})
    assert zipfile.is_zipfile(path)
    assert Progress(path, "mine", every=None).reached is None


def test_attributes_that_a_callback_does_not_have_are_not_set(tmp_path: Path) -> None:
    written(tmp_path / "progress.npz")
    progress = Progress(tmp_path / "progress.npz", "mine", every=None)
    logger = keras.callbacks.TerminateOnNaN()
    before = set(vars(logger))
    progress.restore(model(), {"a/b c": logger})
    assert set(vars(logger)) == before


class Writings(Progress):
    """Notes when it would write."""

    def write(self, execution: int, rows: Any, model: keras.Model, callbacks: Any) -> None:
        """Write nothing."""
        self.at = [*getattr(self, "at", []), len(rows)]


@pytest.mark.parametrize(("every", "at"), [(1e-9, [0, 0]), (None, []), (1000.0, [])])
def test_it_is_written_after_so_many_seconds_but_not_after_the_last_epoch(
    every: float | None, at: list[int], tmp_path: Path
) -> None:
    progress = Writings(tmp_path / "progress.npz", "mine", every)
    keep = KeepProgress(progress, 0, [], {})
    keep.set_model(model())
    keep.set_params({"epochs": 3})
    for epoch in range(3):
        keep.on_epoch_end(epoch)
    assert getattr(progress, "at", []) == at
