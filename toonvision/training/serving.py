"""A model as it is exported: it only predicts, and takes the columns of a table, or texts, as they are.

It computes in TensorFlow what `toonvision.dataset.encoding` computes in NumPy.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from keyword import iskeyword
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from toonvision.dataset.encoding import NUMBERS, PERIODS, Categorical, Column, Date, Numeric, days, texts
from toonvision.dataset.text_column import Text
from toonvision.training.export_format import Format

UNSEEN = -1  # the position of a category that no train row has


class Predicting(keras.Model):
    """A model that only predicts. Without it, Keras exports layers as `RandomFlip` as they are while training."""

    def __init__(self, model: keras.Model) -> None:
        super().__init__(autocast=False)  # a float64 would lose its last digits before it is encoded
        self.model = model

    def call(self, examples: Any) -> Any:
        """Return what the model says of examples."""
        return self.model(examples, training=False)


class Serving(Predicting):
    """A model and the encoding of its rows.

    Its inputs have one value for each row, shape `(n,)`, by the names that `input_names` gives to the columns; where a
    format has no texts, a text is the ids of its words, shape `(n, sequence_length)`. With windows over rows, they have
    one value for each row of a window, shape `(n, window)`.
    """

    def __init__(self, model: keras.Model, columns: Sequence[Column], kind: Format, window: int | None = None) -> None:
        super().__init__(model)
        self.columns = tuple(columns)
        self.kind = kind
        self.window = window
        self.vectorizers = [
            keras.layers.TextVectorization(vocabulary=list(column.words), output_sequence_length=column.sequence_length)
            for column in self.columns
            if isinstance(column, Text) and kind.category == "string"
        ]

    def call(self, rows: Mapping[str, Any]) -> Any:
        """Return what the model says of the rows."""
        vectorizers, inputs, numbers = iter(self.vectorizers), dict[str, Any](), list[Any]()
        for column, name in zip(self.columns, input_names(self.columns), strict=True):
            if isinstance(column, Text):
                ids = next(vectorizers)(rows[name]) if self.kind.category == "string" else rows[name]
                inputs[column.name] = tf.cast(ids, "int32")
            else:
                numbers += self._encoded(column, tf.reshape(rows[name], [-1]))
        if numbers:
            encoded = tf.cast(tf.concat(numbers, axis=1), "float32")
            inputs[NUMBERS] = tf.reshape(encoded, [-1, self.window, encoded.shape[1]]) if self.window else encoded
        return super().call(inputs if len(inputs) > 1 else next(iter(inputs.values())))

    def _encoded(self, column: Numeric | Categorical | Date, values: Any) -> list[Any]:
        match column:
            case Numeric():
                return _scaled(column, values)
            case Categorical():
                known = column.values if self.kind.category == "string" else range(len(column.values))
                same = tf.equal(values[:, None], tf.constant(list(known), dtype=self.kind.category)[None])
                return [tf.cast(same, self.kind.number)]
            case Date():
                return [*_scaled(column.day, values), *_circles(values)]


def _scaled(column: Numeric, values: Any) -> list[Any]:
    scaled = _filled((values - column.center) / column.scale, values)
    return [scaled, tf.cast(_is_missing(values), values.dtype)[:, None]] if column.has_missing else [scaled]


def _circles(values: Any) -> list[Any]:
    angles = [tf.math.floormod(values, period) * (2 * math.pi / period) for period in PERIODS.values()]
    return [_filled(point, values) for angle in angles for point in (tf.sin(angle), tf.cos(angle))]


def _filled(numbers: Any, values: Any) -> Any:
    """Return a column of numbers, which are 0 where the values that they come from are missing."""
    return tf.where(_is_missing(values), tf.zeros_like(numbers), numbers)[:, None]


def _is_missing(values: Any) -> Any:
    """As not tf.math.is_finite, in what all formats have: inf - inf is NaN.

    Where a condition is no `is_nan`, tf2onnx makes a multiplication by 0 of `where`, which leaves a NaN.
    """
    return tf.math.is_nan(values - values)


def input_names(columns: Sequence[Column]) -> list[str]:
    """Return the name of each column as TensorFlow takes it for an input: letters, digits and `_`, and each once."""
    names: list[str] = []
    for column in columns:
        name = re.sub(r"\W", "_", column.name, flags=re.ASCII)
        name = name if name[:1].isalpha() else f"column_{name}"
        while name in names or iskeyword(name):
            name += "_"
        names.append(name)
    return names


def described(column: Column, kind: Format, window: int | None = None) -> dict[str, Any]:
    """Return what the input of a column is, for `signature.json`; of all rows of a window, if there is one."""
    if window is not None:
        one = described(column, kind)
        return one | {"shape": [None, window], "means": f"of each row, the earliest first: {one['means']}"}
    if isinstance(column, Categorical):
        texts_or_positions = "the text" if kind.category == "string" else f"the position in values, or {UNSEEN}"
        means = f"{texts_or_positions}; the empty text is a missing value"
        return {
            "column": column.name,
            "dtype": kind.category,
            "shape": [None],
            "means": means,
            "values": list(column.values),
        }
    if isinstance(column, Text):
        text: dict[str, Any] = {"column": column.name, "dtype": kind.category, "shape": [None], "means": "the text"}
        means = "the ids of its words: their positions in values plus 2; 1 for another word, 0 where there is none"
        ids = {"shape": [None, column.sequence_length], "means": means, "values": list(column.words)}
        return text if kind.category == "string" else text | ids
    means = "the days since 1970-01-01" if isinstance(column, Date) else "a number"
    return {"column": column.name, "dtype": kind.number, "shape": [None], "means": f"{means}; NaN is a missing value"}


def raw_values(
    frame: pd.DataFrame, columns: Sequence[Column], kind: Format, window: int | None = None
) -> dict[str, NDArray[Any]]:
    """Return what an exported model takes of rows, or of windows over them: numbers, days since 1970, texts or ids."""
    named = zip(columns, input_names(columns), strict=True)
    raw = {name: _raw(frame[column.name], column, kind) for column, name in named}
    return {name: sliding_window_view(values, window) for name, values in raw.items()} if window else raw


def _raw(values: pd.Series[Any], column: Column, kind: Format) -> NDArray[Any]:
    if isinstance(column, Categorical):
        found = texts(values)
        if kind.category == "string":
            return np.array(found, dtype=object)
        position = {value: index for index, value in enumerate(column.values)}
        return np.array([position.get(value, UNSEEN) for value in found], dtype=kind.category)
    if isinstance(column, Text):
        if kind.category == "string":
            return values.astype(object).where(values.notna(), "").map(str).to_numpy(object)
        return column.encode(values).astype(kind.category)
    numbers = days(values) if isinstance(column, Date) else pd.to_numeric(values)
    return numbers.to_numpy(np.float64, na_value=np.nan).astype(kind.number)
