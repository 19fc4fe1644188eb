"""Fitting one model: the history file, the stop file, class weights, and training from a checkpoint."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

import toonvision
from tests.configuration import configured
from tests.conftest import QUICK
from toonvision.dataset import Split
from toonvision.training.fit import Checkpoint, Fit, Watch, fit, predict, restore, start_afresh
from toonvision.training.watchdog import Watchdog
from toonvision.trial.trial import HISTORY, STOP, Reason

pytestmark = pytest.mark.training

RNG = np.random.default_rng(0)
TRAIN = Split(RNG.normal(size=(60, 4)).astype(np.float32), np.array([0, 0, 1] * 20, dtype=np.int64))


def model() -> keras.Model:
    start_afresh(1, "float32")
    built = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    built.compile("adam", "sparse_categorical_crossentropy")
    return built


def fit_settings(epochs: int, initial_epoch: int = 0, class_weight: str | None = None) -> Fit:
    training = configured("augmentation=none").default_trial.training
    return Fit(
        training.model_copy(update={"batch_size": 20, "class_weight": class_weight}),
        epochs,
        {},
        "training",
        initial_epoch,
    )


def watch_in(folder: Path, *, scalars: Path | None = None, timeout: float | None = None) -> Watch:
    (folder / HISTORY).touch()
    dog = Watchdog(folder, timeout=timeout, memory_limit=None, may_exit=False)
    return Watch(folder, execution=0, scalars=scalars, watchdog=dog, objective="loss")


def watched_fit(
    watch: Watch, settings: Fit, *, train: Split = TRAIN, validation: Split | None = None
) -> dict[str, list[float]]:
    with watch.watchdog, watch:
        return fit(model(), settings, train=train, validation=validation, watch=[watch])


def history_rows(directory: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((directory / HISTORY).read_text().splitlines()))


def test_the_history_file_has_one_row_per_epoch(tmp_path: Path) -> None:
    history = watched_fit(watch_in(tmp_path), fit_settings(3), validation=TRAIN)
    rows = history_rows(tmp_path)
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    assert [float(row["val_loss"]) for row in rows] == history["val_loss"]


def test_the_scalars_are_written_for_tensorboard(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    history = watched_fit(watch_in(tmp_path, scalars=tmp_path / "scalars"), fit_settings(2), validation=TRAIN)
    events = EventAccumulator(str(tmp_path / "scalars"))
    events.Reload()
    written = [tensor.tensor_proto.float_val[0] for tensor in events.Tensors("loss/validation")]
    assert written == pytest.approx(history["val_loss"])


def test_a_stop_file_ends_training_within_an_epoch_that_is_not_counted(tmp_path: Path) -> None:
    watch = watch_in(tmp_path)

    def ask_to_stop(epoch: int, logs: object) -> None:
        if epoch == 2:
            (tmp_path / STOP).touch()

    stop = keras.callbacks.LambdaCallback(on_epoch_begin=ask_to_stop)
    with watch.watchdog, watch:
        history = fit(model(), fit_settings(50), train=TRAIN, validation=TRAIN, watch=[stop, watch])
    assert len(history["val_loss"]) == len(history_rows(tmp_path)) == 2
    assert watch.stopped is not None
    assert watch.stopped.reason is Reason.STOPPED


def test_training_stops_at_the_timeout(tmp_path: Path) -> None:
    watch = watch_in(tmp_path, timeout=0.3)
    watched_fit(watch, fit_settings(100_000))
    assert watch.stopped is not None
    assert watch.stopped.reason is Reason.TIMED_OUT
    assert str(watch.stopped) == "training.timeout: 0.3 seconds are over"


def test_a_loss_that_is_not_finite_ends_training(tmp_path: Path) -> None:
    broken = Split(np.full_like(TRAIN.x, np.nan), TRAIN.y)
    watch = watch_in(tmp_path)
    assert len(watched_fit(watch, fit_settings(50), train=broken)["loss"]) == 1
    assert watch.diverged


def test_a_restored_model_has_the_weights_and_the_optimizer_state(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.weights.h5"
    first = model()
    fit(first, fit_settings(2), train=TRAIN, validation=None, watch=[Checkpoint(path)])
    second = model()
    restore(second, fit_settings(2).training, path, epoch=2)
    assert int(second.optimizer.iterations) == int(first.optimizer.iterations) == 6
    for variable, restored in zip(first.optimizer.variables, second.optimizer.variables, strict=True):
        np.testing.assert_array_equal(variable, restored)
    np.testing.assert_array_equal(predict(first, TRAIN, 20), predict(second, TRAIN, 20))


def test_training_from_a_checkpoint_continues_the_epoch_numbers(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.weights.h5"
    fit(model(), fit_settings(2), train=TRAIN, validation=None, watch=[Checkpoint(path)])
    second = model()
    restore(second, fit_settings(2).training, path, epoch=2)
    with watch_in(tmp_path) as watch, watch.watchdog:
        fit(second, fit_settings(5, 2), train=TRAIN, validation=None, watch=[watch])
    assert [row["epoch"] for row in history_rows(tmp_path)] == ["2", "3", "4"]


def test_balanced_class_weights_raise_the_probability_of_a_rare_class() -> None:
    unweighted, weighted = model(), model()
    fit(unweighted, fit_settings(30), train=TRAIN, validation=None, watch=[])
    fit(weighted, fit_settings(30, class_weight="balanced"), train=TRAIN, validation=None, watch=[])
    rare_class = [predict(fitted, TRAIN, 20)[:, 1].mean() for fitted in (unweighted, weighted)]
    assert rare_class[1] > rare_class[0]


def test_trials_and_both_final_models_are_trained_with_balanced_class_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits: list[tuple[np.ndarray, dict[int, float]]] = []
    original = keras.Model.fit

    def recorded_fit(self: keras.Model, x: Any, **settings: Any) -> keras.callbacks.History:
        epoch = [np.asarray(y) for _, y in x.take(settings["steps_per_epoch"])]
        fits.append((np.concatenate(epoch), settings["class_weight"]))
        return original(self, x, **settings)

    monkeypatch.setattr(keras.Model, "fit", recorded_fit)
    cfg = toonvision.compose([*QUICK, "executor=inline", "training.class_weight=balanced", "tuner.max_trials=1"])
    toonvision.run(cfg, tmp_path / "run")
    assert len(fits) == 3
    for labels, weights in fits:
        expected = compute_class_weight("balanced", classes=np.arange(10), y=labels)
        assert weights == pytest.approx(dict(enumerate(expected)))
        assert len(set(weights.values())) > 1


@pytest.mark.training
def test_tensorflow_traces_a_step_once(monkeypatch: pytest.MonkeyPatch) -> None:
    traced, original = list[keras.Model](), keras.Model.train_step

    def counted_step(self: keras.Model, data: Any) -> Any:
        traced.append(self)
        return original(self, data)

    monkeypatch.setattr(keras.Model, "train_step", counted_step)
    start_afresh(1, "float32")
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    split = Split(np.zeros((10, 2), np.float32), np.arange(10) % 2)
    training = configured("augmentation=none").default_trial.training
    history = fit(model, Fit(training, 2, {}, "training"), train=split, validation=split, watch=[])
    assert len(history["val_accuracy"]) == 2
    assert len(traced) == 1


def test_the_precision_setting_is_the_compute_dtype_of_the_layers() -> None:
    start_afresh(1, "mixed_bfloat16")
    assert keras.layers.Dense(1).compute_dtype == "bfloat16"
    start_afresh(1, "float32")
    assert keras.layers.Dense(1).compute_dtype == "float32"
