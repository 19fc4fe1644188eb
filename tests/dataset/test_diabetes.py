"""The diabetes table: a number for each patient."""

from __future__ import annotations

from toonvision.dataset.diabetes import load


def test_every_patient_is_there_once_with_one_number() -> None:
    dataset = load()
    splits = (dataset.train, dataset.validation, dataset.test)
    assert sorted(name for split in splits for name in split.names) == [f"patient-{index:03d}" for index in range(442)]
    assert [split.y.shape[1] for split in splits] == [1, 1, 1]
    assert (dataset.input_shape, dataset.class_names) == ((10,), ("progression",))
    assert (dataset.train.y.dtype.name, dataset.train.x.dtype.name) == ("float32", "float32")


def test_each_split_has_the_same_distribution_of_the_target() -> None:
    dataset = load()
    means = [float(split.y.mean()) for split in (dataset.train, dataset.validation, dataset.test)]
    assert max(means) - min(means) < 5  # of a deviation of 77


def test_the_validation_ratio_leaves_the_test_set_as_it_is() -> None:
    assert load(validation_ratio=0.1).test.names == load(validation_ratio=0.3).test.names
