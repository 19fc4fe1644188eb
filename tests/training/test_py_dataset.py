"""Batches for every backend: each in its turn, and anew whenever Keras begins anew."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest

from tests.batch_sources import arrays
from tests.configuration import configured
from toonvision.dataset import Split
from toonvision.training import feed
from toonvision.training.feed import Feed, in_order
from toonvision.training.fit import Fit, fit, start_afresh
from toonvision.training.py_dataset import InTurn

TRAINING = configured("augmentation=none").default_trial.training.model_copy(update={"batch_size": 16})


def test_batches_begin_anew_at_the_first_position() -> None:
    numbers = InTurn(lambda: iter("abc"), 3)
    assert [numbers[index] for index in (0, 1, 2, 0, 1)] == ["a", "b", "c", "a", "b"]
    assert numbers.num_batches == 3


def test_batches_without_an_end_have_no_number() -> None:
    assert InTurn(itertools.count).num_batches is None


@pytest.mark.training
def test_a_training_sees_the_batches_that_it_sees_with_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for has_tensorflow in (True, False):
        monkeypatch.setattr(feed, "_has_tensorflow", lambda has=has_tensorflow: has)
        start_afresh(1, "float32")
        model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        how = Fit(TRAINING.model_copy(update={"class_weight": "balanced"}), 3, {}, "training")
        split = Split(*arrays("train"))
        found.append(fit(model, how, train=split, validation=Split(*arrays("validation")), watch=[]))
    np.testing.assert_allclose(found[0]["loss"], found[1]["loss"], rtol=1e-6)
    np.testing.assert_allclose(found[0]["val_loss"], found[1]["val_loss"], rtol=1e-6)


def test_an_interrupted_training_goes_on_with_the_batches_that_were_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_has_tensorflow", lambda: False)

    def labels(begin: int, count: int) -> list[list[int]]:
        start_afresh(3, "float32")
        found = Feed.of(TRAINING, Split(*arrays("train")))
        assert found
        (examples,), _ = found.from_epoch(begin)
        return [examples[index][1].tolist() for index in range(count)]

    assert labels(0, 8)[4:] == labels(1, 4)


def test_validation_examples_come_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_has_tensorflow", lambda: False)
    split = Split(*arrays("validation"))
    found = Feed.of(TRAINING, split)
    (examples,) = in_order(split, 8, found)
    assert examples.num_batches == 3
    np.testing.assert_array_equal(np.concatenate([examples[index][1] for index in range(3)]), split.y)
