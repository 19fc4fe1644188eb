"""Pairs of digits: the labels are the digits that a pair has."""

from __future__ import annotations

import numpy as np

from toonvision.dataset.digit_pairs import load


def test_a_pair_has_one_or_two_labels_and_splits_have_their_sizes() -> None:
    dataset = load(pairs=1000)
    assert [len(split) for split in (dataset.train, dataset.validation, dataset.test)] == [600, 200, 200]
    assert set(dataset.train.y.sum(axis=1)) == {1, 2}
    assert (dataset.input_shape, dataset.train.y.dtype.name, len(dataset.class_names)) == ((128,), "int64", 10)


def test_no_digit_is_in_two_splits_and_pairs_with_the_same_picture_have_a_label_in_common() -> None:
    dataset = load(pairs=3000)
    seen = []
    for split in (dataset.train, dataset.validation, dataset.test):
        lefts = split.x.reshape(-1, 8, 2, 8)[:, :, 0]  # standardized in the same way in each split
        labels: dict[bytes, np.ndarray] = {}
        for left, present in zip(lefts, split.y, strict=True):
            key = left.tobytes()
            labels[key] = labels.get(key, np.ones(10)) * present
        assert all(common.any() for common in labels.values())
        seen.append(set(labels))
    assert not seen[0] & seen[1]
    assert not seen[0] & seen[2]
    assert not seen[1] & seen[2]


def test_another_seed_draws_other_pairs() -> None:
    assert load(pairs=100, seed=1).fingerprint != load(pairs=100, seed=2).fingerprint
