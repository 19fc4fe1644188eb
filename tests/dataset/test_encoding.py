"""What the columns of a table become."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import OneHotEncoder, RobustScaler, StandardScaler

from tests.dataset.made_table import ROWS, encoding, read, rows
from toonvision.errors import DatasetError


def test_columns_become_what_scikit_learn_makes_of_the_train_rows(file: Path, frame: pd.DataFrame) -> None:
    dataset = read(file, drop=["day", "flag"])
    names = encoding(dataset).names
    colors = [f"color={color}" for color in ("blue", "green", "red")]
    assert names == ("size", "size is missing", "count", "color is missing", *colors, "price")
    train, test = frame.iloc[rows(dataset.train.names)], frame.iloc[rows(dataset.test.names)]
    scaler = StandardScaler().fit(train[["count", "price"]])
    x = pd.DataFrame(dataset.test.x, columns=list(names))
    np.testing.assert_allclose(x[["count", "price"]], scaler.transform(test[["count", "price"]]), rtol=1e-4, atol=1e-5)
    missing = test["size"].isna().to_numpy()
    np.testing.assert_array_equal(x["size is missing"], missing)
    assert (x["size"][missing] == 0).all()  # the mean of the train rows
    hot = OneHotEncoder(categories=[["blue", "green", "red"]], handle_unknown="ignore", sparse_output=False)
    np.testing.assert_array_equal(x[colors], hot.fit_transform(test[["color"]].fillna("")))


def test_robust_scaling_is_that_of_scikit_learn(file: Path, frame: pd.DataFrame) -> None:
    dataset = read(file, drop=["size", "color", "day", "flag", "count"], scaling="robust")
    train, test = (frame.iloc[rows(split.names)][["price"]] for split in (dataset.train, dataset.test))
    np.testing.assert_allclose(dataset.test.x, RobustScaler().fit(train).transform(test), rtol=1e-4, atol=1e-5)


def test_a_date_is_a_day_and_a_point_in_the_week_and_the_year(file: Path) -> None:
    dataset = read(file, drop=["size", "count", "color", "flag", "price"], scaling="none")
    assert len(encoding(dataset).names) == 5
    days = dataset.train.x[:, 0].astype(int)
    np.testing.assert_array_equal(days, 19_723 + np.array(rows(dataset.train.names)))  # 2024-01-01
    np.testing.assert_allclose(dataset.train.x[:, 1], np.sin(2 * np.pi * days / 7), atol=1e-3)


def test_new_rows_are_encoded_as_the_train_rows_were(file: Path, frame: pd.DataFrame) -> None:
    dataset = read(file)
    again = encoding(dataset).encode(frame.iloc[rows(dataset.test.names)], "here")
    np.testing.assert_array_equal(again, dataset.test.x)
    unseen = frame.iloc[:1].assign(color="violet")
    names = encoding(dataset).names
    assert not encoding(dataset).encode(unseen, "here")[0, [name.startswith("color") for name in names]].any()


def with_texts(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame.assign(**{name: [f"about {kind}, number {row}" for row, kind in enumerate(frame["kind"])]})


def test_texts_beside_numbers_are_inputs_by_name(file: Path, frame: pd.DataFrame) -> None:
    table = with_texts(with_texts(frame, "review text"), "note")
    table.to_csv(file, index=False)
    dataset = read(file, kinds={"review text": "text", "note": "text"}, sequence_length=5)
    numbers = len(encoding(dataset).names)
    assert dataset.input_shape == {"review text": (5,), "note": (5,), "columns": (numbers,)}
    assert dataset.id_inputs == ("review text", "note")
    assert len(dataset.train.joined(dataset.validation)) == 48
    again = encoding(dataset).encode(table.iloc[rows(dataset.test.names)], "here")
    for name, array in dataset.test.x.items():
        np.testing.assert_array_equal(again[name], array)


def test_a_text_alone_is_one_input(file: Path, frame: pd.DataFrame) -> None:
    with_texts(frame, "columns")[["columns", "kind"]].to_csv(file, index=False)
    dataset = read(file, kinds={"columns": "text"})
    assert (dataset.input_shape, dataset.train.x.dtype, dataset.id_inputs) == ((100,), np.int32, ("",))
    assert encoding(dataset).names == ()
    assert len(dataset.train.x) == 0.6 * ROWS


@pytest.mark.parametrize("name", ["columns", "text/plain"])
def test_a_name_that_no_input_may_have_is_an_error(file: Path, frame: pd.DataFrame, name: str) -> None:
    with_texts(frame, name).to_csv(file, index=False)
    with pytest.raises(DatasetError, match=rf"column {name}: expected another name than 'columns', and without '/'"):
        read(file, kinds={name: "text"})
