"""The split: within every class and group, without overlap, with a test set that the validation ratio does not move."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from toonvision.dataset.split import Ratios, SplitIndices, split_indices
from toonvision.errors import ConfigError, DatasetError

LABELS = np.repeat(np.arange(3), [50, 30, 20])
RATIOS = Ratios(0.2, 0.2)


def parts(indices: SplitIndices) -> list[np.ndarray]:
    return [indices.train, indices.validation, indices.test]


def test_every_class_is_split_by_the_ratios() -> None:
    counts = [np.bincount(LABELS[part]).tolist() for part in parts(split_indices(LABELS, RATIOS, seed=1))]
    assert counts == [[30, 18, 12], [10, 6, 4], [10, 6, 4]]


def test_the_splits_hold_every_example_once_in_ascending_order() -> None:
    indices = split_indices(LABELS, RATIOS, seed=1)
    assert sorted(np.concatenate(parts(indices)).tolist()) == list(range(100))
    assert all((np.diff(part) > 0).all() for part in parts(indices))


def test_every_group_is_split_by_the_ratios() -> None:
    groups = [f"group-{index % 5}" for index in range(100)]
    for part, ratio in zip(parts(split_indices(LABELS, RATIOS, seed=1, groups=groups)), (0.6, 0.2, 0.2), strict=True):
        for label in range(3):
            of_class = [groups[index] for index in part if LABELS[index] == label]
            for group in set(groups):
                size = sum(LABELS[i] == label and groups[i] == group for i in range(100))
                assert abs(of_class.count(group) - ratio * size) <= 1


def test_groups_too_small_to_be_split_still_give_the_class_its_ratios() -> None:
    labels = np.repeat([0, 1], 50)
    groups = [f"pair-{index // 2}" for index in range(100)]
    counts = [
        np.bincount(labels[part]).tolist() for part in parts(split_indices(labels, RATIOS, seed=1, groups=groups))
    ]
    assert counts == [[30, 30], [10, 10], [10, 10]]


@pytest.mark.parametrize("groups", [None, [str(index % 7) for index in range(100)]])
def test_the_test_set_is_the_same_for_another_validation_ratio(groups: list[str] | None) -> None:
    few, many = (split_indices(LABELS, Ratios(ratio, 0.2), seed=1, groups=groups) for ratio in (0.1, 0.4))
    np.testing.assert_array_equal(few.test, many.test)
    assert len(few.validation) < len(many.validation)


def test_the_seed_decides() -> None:
    once, again, other = (split_indices(LABELS, RATIOS, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(once.test, again.test)
    assert once.test.tolist() != other.test.tolist()


def test_without_a_test_ratio_no_test_set_is_drawn() -> None:
    indices = split_indices(LABELS, Ratios(0.2), seed=1)
    assert [len(part) for part in parts(indices)] == [80, 20, 0]


@pytest.mark.parametrize("value", [0, 1, -0.1, 1.5, "0.2", None, True, float("nan")])
def test_a_ratio_out_of_place_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ConfigError, match=r"dataset\.validation_ratio: expected"):
        Ratios(value)
    if value is not None:
        with pytest.raises(ConfigError, match=r"dataset\.test_ratio: expected"):
            Ratios(0.2, value)


def test_ratios_that_leave_nothing_to_train_on_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"sum below 1.*Received: 0\.5 \+ 0\.5"):
        Ratios(0.5, 0.5)


@pytest.mark.parametrize("seed", [-1, 1.5, "7", None, True])
def test_a_seed_out_of_place_is_refused(seed: Any) -> None:
    with pytest.raises(ConfigError, match=r"dataset\.seed"):
        split_indices(LABELS, RATIOS, seed=seed)


def test_too_few_examples_for_a_split_are_refused() -> None:
    with pytest.raises(DatasetError, match="at least one example for validation and test"):
        split_indices(np.array([0, 0, 1, 1]), RATIOS, seed=1)


def test_a_class_without_a_train_example_is_refused() -> None:
    with pytest.raises(DatasetError, match="index 1"):
        split_indices(np.array([0] * 10 + [1]), Ratios(0.3, 0.6), seed=1)
