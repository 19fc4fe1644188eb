"""A dataset of one's own function: which batches are examples, and which are refused."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from tests import batch_sources
from toonvision.dataset.dataset import Dataset
from toonvision.dataset.function import load
from toonvision.errors import DatasetError


def loaded(function: str, class_names: list[str] | None = None) -> Dataset:
    return load(build=getattr(batch_sources, function), class_names=class_names)


@pytest.mark.parametrize("function", ["arrays", "indexed", "iterated", "tensorflow"])
def test_the_splits_are_those_of_the_function(function: str) -> None:
    dataset = loaded(function)
    assert [len(split) for split in (dataset.train, dataset.validation, dataset.test)] == [60, 20, 22]
    assert (dataset.input_shape, dataset.class_names) == ((4,), ("0", "1", "2"))
    np.testing.assert_array_equal(dataset.test.y, batch_sources.arrays("test")[1])
    np.testing.assert_array_equal(dataset.train.beginning(9).x, batch_sources.arrays("train")[0][:9])
    assert len(dataset.train.joined(dataset.validation)) == 80


def test_several_inputs_have_shapes_by_name() -> None:
    assert loaded("two_inputs").input_shape == {"left": (1,), "right": (3,)}


def test_the_fingerprint_tells_other_examples() -> None:
    assert loaded("indexed").fingerprint == loaded("tensorflow").fingerprint
    other = load(build=functools.partial(batch_sources.arrays, seed=8))
    assert other.fingerprint != loaded("arrays").fingerprint


def test_classes_can_have_names() -> None:
    assert loaded("arrays", ["a", "b", "c", "d"]).class_names == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("shuffled", r"dataset\.build\(split='validation'\): expected the same order of examples each time"),
        ("infinite", "'train'.: expected batches that end. Received: an infinite tf.data.Dataset"),
        ("once", "or batches that can be read again and again. Received: list_iterator"),
        ("nothing", "or batches that can be read again and again. Received: NoneType"),
        ("weighted", r"expected batches \(x, y\). Received: 3 parts"),
        ("torn", r"expected as many labels as examples. Received: x \(9, 4\) and y \(8,\)"),
        ("changing", r"'train'\), batch 1: expected a batch like the first one, float32 ..n., 4., int64"),
        ("other_test", r"'test'\): expected examples and labels like those of train, x float32 \('n', 4\), y int64"),
        ("words", "expected examples of numbers. Received: <U1"),
        ("word_labels", r"expected labels of numbers, shape \(n,\) or \(n, k\). Received: <U1 \(2,\)"),
        ("one_class", "expected at least two classes. Received: 1"),
        ("negative", "expected classes from 0 to 2. Received: from -1 to 2"),
        ("empty", "expected at least one batch. Received: none"),
    ],
)
def test_what_is_no_dataset_is_an_error(function: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        loaded(function)


def test_more_classes_than_names_are_an_error() -> None:
    with pytest.raises(
        DatasetError, match=r"dataset\.class_names: expected classes from 0 to 1\. Received: from 0 to 2"
    ):
        loaded("indexed", ["a", "b"])


def test_a_whole_dataset_names_the_other_way() -> None:
    whole = loaded("arrays")
    with pytest.raises(DatasetError, match=r"Name the function itself by dataset\._target_"):
        load(build=lambda split: whole)
