"""Batches for TensorFlow: of arrays, of several inputs, and of what a function reads."""

from __future__ import annotations

import numpy as np

from tests.batch_sources import indexed
from toonvision.dataset import Split
from toonvision.dataset.batches import Batches, Source
from toonvision.training.tf_data import dataset_of


def test_a_dataset_has_the_types_of_the_examples_and_batches_of_any_size() -> None:
    split = Split({"image": np.zeros((3, 4, 5), np.uint8), "words": np.ones((3, 2), np.int32)}, np.arange(3))
    found = dataset_of(lambda: iter([({name: x[:2] for name, x in split.x.items()}, split.y[:2])]), split)
    inputs, labels = found.element_spec
    assert {name: (spec.shape.as_list(), spec.dtype.name) for name, spec in inputs.items()} == {
        "image": ([None, 4, 5], "uint8"),
        "words": ([None, 2], "int32"),
    }
    assert (labels.shape.as_list(), labels.dtype.name) == ([None], "int64")
    ((x, y),) = found
    assert np.asarray(x["words"]).shape == (2, 2)
    assert np.asarray(y).tolist() == [0, 1]


def test_batches_begin_anew_each_time() -> None:
    split = Split(*Batches.read(Source(indexed("train"), "train")))
    found = dataset_of(split.x.once, split)
    first, again = ([np.asarray(y).tolist() for _, y in found] for _ in range(2))
    assert first == again
    assert sum(map(len, first)) == len(split)


def test_nothing_is_tuned_as_an_iterator_that_ends_would_wait_for_it() -> None:
    split = Split(np.zeros((3, 4), np.float32), np.arange(3))
    assert dataset_of(lambda: iter([]), split).prefetch(2).options().autotune.enabled is False
