"""Resampling: folds as scikit-learn makes them, and what is drawn for each trial."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import KFold, StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.dataset.made_table import made, read, rows
from toonvision.config.training_schema import Resampling
from toonvision.dataset import Dataset, Split, breast_cancer, digit_sums
from toonvision.dataset.resampling import resampled
from toonvision.errors import ConfigError

RNG = np.random.default_rng(0)
SIZE = 60
FOLDS = Resampling(method="kfold", folds=4, repeats=2, seed=3)
SHUFFLED = Resampling(method="reshuffled")


def dataset(labels: np.ndarray | None = None, groups: int = 0, *, is_ordered: bool = False) -> Dataset:
    y = np.arange(SIZE) % 3 if labels is None else labels
    of = tuple(str(index // groups) for index in range(SIZE)) if groups else ()
    whole = Split(np.arange(SIZE)[:, None], y, tuple(map(str, range(SIZE))), of)
    train, validation = whole.taken(np.arange(45)), whole.taken(np.arange(45, SIZE))
    test = Split(np.arange(100, 109)[:, None], y[:9])
    return Dataset("made", train, validation, test, ("a", "b", "c"), "0", is_ordered=is_ordered)


def values(split: Split) -> list[int]:
    return [int(value) for value in split.x[:, 0]]


def folds(data: Dataset, how: Resampling = FOLDS) -> list[tuple[list[int], list[int]]]:
    splits = [resampled(data, how, seed=1, number=0, training=number) for number in range(how.trainings)]
    return [(values(split.train), values(split.validation)) for split in splits]


def of_scikit_learn(splitter: Any, y: np.ndarray, groups: list[str] | None = None) -> list[tuple[list[int], list[int]]]:
    found = splitter.split(np.zeros(SIZE), y, groups)
    return [(train.tolist(), validation.tolist()) for train, validation in found]


def test_a_holdout_is_the_datasets_own() -> None:
    data = dataset()
    assert resampled(data, Resampling(), seed=1, number=5, training=3) is data


def test_folds_of_classes_are_those_of_scikit_learn() -> None:
    expected = [
        fold
        for seed in (3, 4)
        for fold in of_scikit_learn(StratifiedKFold(4, shuffle=True, random_state=seed), np.arange(SIZE) % 3)
    ]
    assert folds(dataset()) == expected


def test_folds_of_groups_are_those_of_scikit_learn() -> None:
    groups = [str(index // 3) for index in range(SIZE)]
    expected = of_scikit_learn(StratifiedGroupKFold(4, shuffle=True, random_state=3), np.arange(SIZE) % 3, groups)
    assert folds(dataset(groups=3))[:4] == expected
    for train, validation in folds(dataset(groups=3)):
        assert not {value // 3 for value in train} & {value // 3 for value in validation}


def test_folds_of_labels_are_those_of_scikit_learn() -> None:
    labels = RNG.integers(0, 2, (SIZE, 2))
    expected = of_scikit_learn(StratifiedKFold(4, shuffle=True, random_state=3), np.zeros(SIZE))
    assert folds(dataset(labels))[:4] == expected


def test_folds_of_numbers_have_the_same_shares_of_each_tenth() -> None:
    for _, validation in folds(dataset(np.arange(SIZE, dtype=np.float32)[:, None])):
        assert np.bincount(np.array(validation) // 6, minlength=10).min() >= 1
    few = Resampling(method="kfold", folds=8, seed=3)  # more than a tenth has
    expected = of_scikit_learn(KFold(8, shuffle=True, random_state=3), np.zeros(SIZE))
    assert folds(dataset(np.arange(SIZE, dtype=np.float32)[:, None]), few) == expected


def test_each_example_is_scored_once_a_repeat_and_the_test_examples_never() -> None:
    for repeat in (folds(dataset())[:4], folds(dataset())[4:]):
        assert sorted(value for _, validation in repeat for value in validation) == list(range(SIZE))


@pytest.mark.parametrize("groups", [0, 3])
def test_each_trial_draws_a_split_of_its_own(groups: int) -> None:
    data = dataset(groups=groups)

    def drawn(number: int, seed: int = 1) -> tuple[list[int], list[int]]:
        split = resampled(data, SHUFFLED, seed=seed, number=number, training=0)
        return values(split.train), values(split.validation)

    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)
    assert drawn(0) != drawn(0, seed=1001)  # a finalist's
    for number in range(5):
        train, validation = drawn(number)
        assert sorted(train + validation) == list(range(SIZE))
        assert len(validation) == len(data.validation)
        if groups:
            assert not {value // groups for value in train} & {value // groups for value in validation}
        else:
            assert np.bincount(np.array(validation) % 3).tolist() == [5, 5, 5]


def test_a_class_with_one_example_is_drawn_without_strata() -> None:
    labels = np.where(np.arange(SIZE) == 0, 2, np.arange(SIZE) % 2)
    split = resampled(dataset(labels), SHUFFLED, seed=1, number=0, training=0)
    assert len(split.train) + len(split.validation) == SIZE


@pytest.mark.parametrize("how", [FOLDS, SHUFFLED])
def test_numbers_are_scaled_by_the_examples_that_a_training_learns(how: Resampling) -> None:
    data, raw = breast_cancer.load(), load_breast_cancer().data
    for number in range(how.trainings):
        split = resampled(data, how, seed=1, number=0, training=number)
        train, validation = (raw[[int(name[-3:]) for name in part.names]] for part in (split.train, split.validation))
        pipeline = make_pipeline(StandardScaler()).fit(train)
        np.testing.assert_allclose(split.train.x, pipeline.transform(train), atol=1e-5)
        np.testing.assert_allclose(split.validation.x, pipeline.transform(validation), atol=1e-5)


def test_columns_are_encoded_by_the_rows_that_a_training_learns(tmp_path: Path) -> None:
    frame = made()[["count", "price", "color", "kind"]].fillna({"color": ""})
    frame["color"] = np.where(np.arange(len(frame)) == 0, "rare", frame["color"])
    frame.to_csv(tmp_path / "table.csv", index=False)
    data, widths = read(tmp_path / "table.csv"), set()
    scaler, encoder = StandardScaler(), OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer([("numbers", scaler, ["count", "price"]), ("categories", encoder, ["color"])])
    for number in range(FOLDS.trainings):
        split = resampled(data, FOLDS, seed=1, number=0, training=number)
        train, validation = (frame.iloc[rows(part.names)] for part in (split.train, split.validation))
        pipeline = make_pipeline(columns).fit(train)
        np.testing.assert_allclose(split.train.x, pipeline.transform(train), atol=1e-5)
        np.testing.assert_allclose(split.validation.x, pipeline.transform(validation), atol=1e-5)
        np.testing.assert_array_equal(split.validation.y, pd.factorize(frame["kind"])[0][rows(split.validation.names)])
        widths.add(split.input_shape)
    assert widths == {(6,), (7,)}  # one fold's train rows lack a category


def test_several_inputs_are_scaled_by_the_examples_that_a_training_learns() -> None:
    split = resampled(digit_sums.load(pairs=100), FOLDS, seed=1, number=0, training=0)
    for x in split.train.x.values():
        moving = x[:, x.std(axis=0) > 0]
        np.testing.assert_allclose(moving.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(moving.std(axis=0), 1, atol=1e-5)
    assert len(split.validation.x["left"]) == len(split.validation)


@pytest.mark.parametrize(
    ("data", "how", "message"),
    [
        (dataset(is_ordered=True), FOLDS, r"resampling\.method: expected holdout, because .* time. Received: 'kfold'"),
        (dataset(is_ordered=True), SHUFFLED, "Received: 'reshuffled'"),
        (dataset(), Resampling(method="kfold", folds=21), r"folds: expected at most 20, the examples of the rarest"),
        (dataset(groups=20), Resampling(method="kfold", folds=4), r"folds: expected at most 3, the groups"),
    ],
)
def test_what_cannot_be_resampled_is_said(data: Dataset, how: Resampling, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        resampled(data, how, seed=1, number=0, training=0)


def test_a_taken_split_has_its_names_and_groups() -> None:
    split = dataset(groups=3).train
    taken = split.taken(np.array([4, 2]))
    assert (taken.names, taken.groups, len(replace(taken, groups=()))) == (("4", "2"), ("1", "0"), 2)
