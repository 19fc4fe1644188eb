"""Sums of two digits: two inputs, one number."""

from __future__ import annotations

import numpy as np

from toonvision.dataset import each_input
from toonvision.dataset.digit_pairs import load as load_pairs
from toonvision.dataset.digit_sums import load


def test_each_picture_is_an_input() -> None:
    dataset = load(pairs=200)
    assert dataset.input_shape == {"left": (64,), "right": (64,)}
    assert [len(split) for split in (dataset.train, dataset.validation, dataset.test)] == [120, 40, 40]
    whole = load_pairs(pairs=200).train.x.reshape(-1, 8, 16)
    np.testing.assert_array_equal(dataset.train.x["left"].reshape(-1, 8, 8), whole[:, :, :8])
    np.testing.assert_array_equal(dataset.train.x["right"].reshape(-1, 8, 8), whole[:, :, 8:])


def test_the_target_is_the_sum_of_the_labels_of_the_same_pairs() -> None:
    sums, pairs = load(pairs=200), load_pairs(pairs=200)
    digits = pairs.train.y * np.arange(10)
    alone = pairs.train.y.sum(axis=1) == 1  # twice the same digit
    np.testing.assert_array_equal(sums.train.y[:, 0], digits.sum(axis=1) * np.where(alone, 2, 1))
    assert sums.fingerprint != pairs.fingerprint


def test_a_function_is_applied_to_each_input() -> None:
    x, y = {"a": np.arange(3), "b": np.arange(6)}, {"a": np.ones(1), "b": np.zeros(1)}
    joined = each_input(lambda *parts: np.concatenate(parts), x, y)
    assert {name: len(array) for name, array in joined.items()} == {"a": 4, "b": 7}
    assert each_input(np.flip, np.arange(3)).tolist() == [2, 1, 0]
