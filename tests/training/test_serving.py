"""The encoding of a table's rows in TensorFlow gives what that in NumPy gives."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from tests.dataset import made_table
from toonvision.dataset.encoding import Categorical, Encoding, Numeric, fit_encoding
from toonvision.training.export_format import FORMATS
from toonvision.training.serving import Predicting, Serving, described, input_names, raw_values

KINDS = {"size": "numeric", "count": "numeric", "color": "categorical", "day": "date", "flag": "numeric"}
CODES = {"code": "categorical", "moment": "date"}


def learned() -> tuple[Encoding, pd.DataFrame]:
    """Return an encoding, and new rows with all that it may meet."""
    train = made_table.made().assign(code=[1, 2, 3] * 20)
    train["moment"] = pd.date_range("1969-12-01 03:30", periods=len(train), freq="37h").astype(str)
    train.loc[5, "moment"] = None
    encoding = fit_encoding(train, KINDS | CODES, scaling="standardize", class_names=("a", "b"), where="here")
    new = train.head(12).astype({"count": float, "code": float})
    new.loc[0:2, "count"] = [np.nan, np.inf, 1e12]
    new.loc[3:4, "color"] = ["violet", None]
    new.loc[5, "code"] = np.nan
    new["day"] = ["1960-02-29", *new["day"][1:]]
    new.loc[6, "day"] = None
    return encoding, new


def identity(size: int) -> keras.Model:
    return keras.Sequential([keras.Input((size,)), keras.layers.Activation("linear")])


@pytest.mark.parametrize("name", list(FORMATS))
def test_rows_are_encoded_as_before(name: str) -> None:
    encoding, new = learned()
    kind, x = FORMATS[name], encoding.encode(new, "here")
    raw = raw_values(new, encoding.columns, kind)
    inputs = dict(zip(raw, (described(column, kind) for column in encoding.columns), strict=True))
    given = {key: tf.constant(values, inputs[key]["dtype"]) for key, values in raw.items()}
    found = Serving(identity(x.shape[1]), encoding.columns, kind)(given).numpy()
    np.testing.assert_allclose(found, x, rtol=1e-5, atol=1e-6 if kind.number == "float64" else 2e-3)
    assert np.isfinite(found).all()


def test_a_model_that_only_predicts_leaves_out_what_is_for_training() -> None:
    layers = [keras.layers.RandomFlip("horizontal", seed=1), keras.layers.Dropout(0.5, seed=1)]
    model = Predicting(keras.Sequential([keras.Input((4, 4, 1)), *layers]))
    x = np.arange(16 * 32, dtype=np.float32).reshape(32, 4, 4, 1)
    np.testing.assert_array_equal(model(x), x)


def test_the_names_of_columns_are_names_of_inputs() -> None:
    names = ["a b", "a_b", "a-b", "class", "2nd", "größe", "_x", ""]
    found = input_names([Numeric(name, 0, 1, has_missing=False) for name in names])
    assert found == ["a_b", "a_b_", "a_b__", "class_", "column_2nd", "gr__e", "column__x", "column_"]


def test_the_texts_of_a_category_are_described() -> None:
    column = Categorical("color", ("", "red"))
    assert described(column, FORMATS["savedmodel"])["means"] == "the text; the empty text is a missing value"
    assert described(column, FORMATS["onnx"])["means"].startswith("the position in values, or -1;")
    assert described(column, FORMATS["onnx"])["values"] == ["", "red"]
