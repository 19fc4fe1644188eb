"""Batches for a training: the same as arrays give, in an order by epoch, and how long they are waited for."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

import toonvision
from tests.batch_sources import arrays, indexed
from tests.configuration import configured
from tests.conftest import QUICK
from toonvision.config.compose import compose
from toonvision.dataset import Split, load_dataset
from toonvision.dataset.batches import Batches, Source
from toonvision.training.feed import Feed, in_order
from toonvision.training.fit import Fit, fit, predict, start_afresh
from toonvision.trial.history import DATA_WAITING
from toonvision.verdict import predictions as stored_predictions

TRAINING = configured("augmentation=none").default_trial.training


def split_of(name: str, *, size: int = 8) -> Split:
    return Split(*Batches.read(Source(indexed(name, size), name)))


def model() -> keras.Model:
    start_afresh(1, "float32")
    built = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    built.compile("sgd", "sparse_categorical_crossentropy")
    return built


def test_arrays_stay_arrays_for_a_fit_of_its_own() -> None:
    assert Feed.of(TRAINING, Split(*arrays("train")), arrays=True) is None


def test_an_epoch_depends_on_the_seed_and_its_number_alone() -> None:
    def labels(begin: int, epochs: int) -> list[list[int]]:
        start_afresh(3, "float32")
        feed = Feed.of(TRAINING, split_of("train", size=7))
        assert feed
        (examples,), order = feed.from_epoch(begin)
        assert order == {"steps_per_epoch": 9, "shuffle": False}
        return [np.asarray(y).tolist() for _, y in examples.take(9 * epochs)]

    whole = labels(0, 3)
    assert whole[9:] == labels(1, 2)
    assert whole[:9] != whole[9:18]


@pytest.mark.training
def test_one_batch_of_all_examples_trains_as_arrays_do() -> None:
    how = Fit(TRAINING.model_copy(update={"batch_size": 60}), 3, {}, "training")
    histories, predictions, losses = [], [], []
    for train, validation in (
        (split_of("train", size=60), split_of("validation")),
        (Split(*arrays("train")), Split(*arrays("validation"))),
    ):
        trained = model()
        history = fit(trained, how, train=train, validation=validation, watch=[])
        histories.append([history["loss"], history["val_loss"]])
        predictions.append(predict(trained, validation, 8))
        losses.append(trained.evaluate(*in_order(validation, 8), verbose=0))
    np.testing.assert_allclose(histories[0], histories[1], rtol=1e-5)
    np.testing.assert_allclose(predictions[0], predictions[1], rtol=1e-5)
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


@pytest.mark.training
def test_the_share_of_waiting_is_a_metric_of_each_epoch() -> None:
    source, how = indexed("train"), Fit(TRAINING, 3, {}, "training")
    split = Split(*Batches.read(Source(source, "train")))
    quick = fit(model(), how, train=split, validation=None, watch=[])[DATA_WAITING]
    source.delay = 0.05
    waited = fit(model(), how, train=split, validation=None, watch=[])[DATA_WAITING]
    assert len(waited) == len(quick) == 3
    assert min(waited[1:]) > 0.5 > min(quick)


@pytest.mark.training
def test_augmentation_is_waited_for_too() -> None:
    x = np.zeros((8, 8, 8, 3), dtype=np.uint8)
    training = configured("augmentation=standard").default_trial.training
    built = keras.Sequential([keras.layers.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(4)])
    built.compile("sgd", "mse")
    train = Split(x, np.zeros((8, 4), dtype=np.float32))
    history = fit(built, Fit(training, 1, {}, "training"), train=train, validation=None, watch=[])
    assert 0 < history[DATA_WAITING][0] <= 1


@pytest.mark.training
@pytest.mark.parametrize("option", ["flip", "mixup"])
def test_batches_are_augmented_as_they_are_read(option: str) -> None:
    images = np.arange(12 * 4 * 4 * 3, dtype=np.uint8).reshape(12, 4, 4, 3)
    parts = [(images[start : start + 4], np.arange(start, start + 4) % 2) for start in (0, 4, 8)]
    source = Source([(x.copy(), y) for x, y in parts], "train")
    training = configured(f"augmentation={option}", "task=multiclass_one_hot").default_trial.training
    start_afresh(1, "float32")
    feed = Feed.of(training, Split(*Batches.read(source)))
    assert feed
    (examples,), order = feed.from_epoch(0)
    assert order["steps_per_epoch"] == 3
    batches = [(np.asarray(x), np.asarray(y)) for x, y in examples.take(3)]
    assert {x.shape for x, _ in batches} == {(4, 4, 4, 3)}
    if option == "mixup":
        assert {(y.shape, y.dtype.name) for _, y in batches} == {((4, 1), "float32")}
    else:
        known = {image.tobytes() for image in images} | {image[:, ::-1].tobytes() for image in images}
        seen = {image.tobytes() for x, _ in batches for image in x}
        assert seen <= known
        assert len(seen) == 12
    assert all((x == original).all() for (x, _), (original, _) in zip(source.given, parts, strict=True))


@pytest.mark.training
@pytest.mark.parametrize("source", ["indexed", "tensorflow"])
def test_a_run_reads_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.setenv("TOONVISION_TRUSTED", "tests.batch_sources")
    overrides = [
        *QUICK,
        "executor=inline",
        "dataset=function",
        f"dataset.build._target_=tests.batch_sources.{source}",
        "model=mlp",
    ]
    results = toonvision.run(compose(overrides), tmp_path / "run")
    assert results.comparison
    assert all(0 <= trial.outcome.metrics[DATA_WAITING] <= 1 for trial in results.trials)
    trained = keras.models.load_model(tmp_path / "run" / "models" / "tuned.keras")
    test = load_dataset(results.config.default_trial.dataset).test
    stored = stored_predictions.load(tmp_path / "run")
    assert stored
    expected = trained.predict(arrays("test")[0], verbose=0)
    np.testing.assert_allclose(stored.outputs["tuned"], expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(stored.labels, test.y)
