"""Write a model as Keras exports it, with the encoding of its rows inside, and check that it predicts as before.

Images are not resized inside: `tf.image.resize` gives other pixels than Pillow, with which the model has learned (up to
2 of 255, in a tenth of the values). So the exported model takes pixels of its own size, from 0 to 255.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray

from toonvision.config.folders import existing_path
from toonvision.config.node import Node
from toonvision.dataset import Examples, each_input, load_dataset
from toonvision.dataset.dataset import Shape
from toonvision.dataset.encoding import Categorical, Column, Date, Encoding
from toonvision.dataset.new_examples import learned_of, read_frame
from toonvision.dataset.text_column import Text
from toonvision.dataset.windows import Windows
from toonvision.errors import ConfigError, DatasetError, Problem, SearchError
from toonvision.training.export_format import FORMATS, Format
from toonvision.training.exported import predict_exported
from toonvision.training.prediction import input_shape, inputs_of, kept_preprocessing
from toonvision.training.saved_model import load_saved
from toonvision.training.serving import Predicting, Serving, described, input_names, raw_values

RELATIVE, ABSOLUTE = 1e-4, 1e-5  # tolerance: another runtime adds float32 numbers in another order
SIGNATURE = "signature.json"
INPUT = "examples"  # the name of the only input of a model
_MOST = 100  # examples to check with
_MADE_UP = 20
_DAYS = (-100_000, 100_000)  # since 1970, which pandas can represent
_IMAGE = 3  # axes of an example that is made of pixels


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported model that predicts as the saved one does.

    Attributes:
        folder: with what Keras has written, and `signature.json`: what goes in and comes out.
        served: where such a model runs.
        checked: the examples that both were asked for.
        difference: the largest between their predictions.
        inputs: the name and the kind of each.
    """

    folder: Path
    served: str
    checked: str
    difference: float
    inputs: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return what was done, for a person."""
        return [
            f"Written to {self.folder}, for {self.served}.",
            f"Its predictions are those of the saved model for {self.checked}: they differ by at most "
            f"{self.difference:.2g} (tolerance {RELATIVE:g} of a value + {ABSOLUTE:g}).",
            f"It takes {', '.join(self.inputs)}; see {SIGNATURE}.",
        ]


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is exported, and what it is checked with.

    Attributes:
        model: that takes what is served.
        signature: of its inputs, for Keras.
        inputs: what each input is, by its name.
        x: examples, as the saved model takes them.
        raw: the same ones, as the exported model takes them.
        said: what examples these are.
    """

    model: keras.Model
    signature: Any
    inputs: Mapping[str, Mapping[str, Any]]
    x: Examples
    raw: Mapping[str, NDArray[Any]]
    said: str


def export_model(path: Path, dataset: Node, *, format: str, folder: Path, outputs: Mapping[str, object]) -> Exported:
    """Export a saved model of a run. Nothing is left behind unless it predicts as the saved one does.

    Args:
        path: of the saved model.
        dataset: with which it was trained.
        format: one of `FORMATS`, whose packages are installed.
        folder: to write; it does not exist.
        outputs: what the numbers are that the model gives, for `signature.json`.

    Raises:
        SearchError: if there is no model, it cannot be exported in this format, or predicts something else then.
        ConfigError: if it names code that is not trusted.
        DatasetError: if what is kept of its dataset is damaged.
    """
    kind, preprocessing, model = FORMATS[format], kept_preprocessing(path), load_saved(path)
    if preprocessing is None:
        subject = _of_arrays(model, dataset)
    else:
        subject = _of_rows(model, dataset, learned_of(preprocessing, str(path)), kind)
    expected = np.asarray(model.predict(subject.x, verbose=0), dtype=np.float32)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
        written = Path(temporary, folder.name)
        written.mkdir()
        _write(subject, written / kind.file, kind)
        found = predict_exported(written, kind, subject.raw)
        difference = _difference(expected, found, f"{path} in the format {format}")
        signature = {"model": path.name, "format": format, "inputs": subject.inputs, "outputs": outputs}
        checked = {"examples": subject.said, "largest_difference": difference}
        text = json.dumps({**signature, "checked": checked}, indent=2, ensure_ascii=False)
        (written / SIGNATURE).write_text(text + "\n", encoding="utf-8")
        written.rename(folder)
    taken = tuple(f"{name} ({one['dtype']})" for name, one in subject.inputs.items())
    return Exported(folder, kind.served, subject.said, difference, taken)


def _of_rows(model: keras.Model, dataset: Node, learned: Encoding | Windows, kind: Format) -> _Subject:
    columns, window = learned.columns, learned.window
    frame, said = _rows(dataset, learned)
    inputs = {name: described(column, kind, window) for name, column in zip(input_names(columns), columns, strict=True)}
    specs, raw = _specs(inputs), raw_values(frame, columns, kind, window)
    x = learned.encode(frame, "the rows to check with")
    return _Subject(Serving(model, columns, kind, window), specs, inputs, x, raw, said)


def _specs(inputs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: tf.TensorSpec(one["shape"], one["dtype"], name=name) for name, one in inputs.items()}


def _rows(dataset: Node, learned: Encoding | Windows) -> tuple[pd.DataFrame, str]:
    """Return rows of the run's data, if they are still there, or made-up ones, and what they are."""
    where, least = "the data of the run", learned.window or 0
    with contextlib.suppress(ConfigError, DatasetError):
        data = existing_path(str(dataset.arguments.get("path", "")), "dataset.path")
        frame = learned.ordered(read_frame(data, dataset, learned)[0], where).head(least + _MOST)
        learned.encode(frame, where)
        return frame, f"{len(frame)} of its rows"
    return made_up_rows(learned.columns, least + _MADE_UP), f"{least + _MADE_UP} made-up rows"


def made_up_rows(columns: Sequence[Column], count: int = _MADE_UP) -> pd.DataFrame:
    """Return rows with numbers and dates around the train rows', each category, words, unknown and missing values."""
    steps = np.linspace(-3, 3, count)
    values: dict[str, Any] = {}
    for column in columns:
        if isinstance(column, Categorical):
            values[column.name] = np.resize([*column.values, "a value that no train row has"], count)
        elif isinstance(column, Text):
            some = " ".join(column.words[:_MADE_UP])
            values[column.name] = np.resize([f"{some.upper()}!", "a word that no train row has", ""], count)
        else:
            numbers = column.day if isinstance(column, Date) else column
            found = numbers.center + numbers.scale * steps
            found[:: count // 4] = np.nan
            values[column.name] = pd.to_datetime(found.clip(*_DAYS), unit="D") if isinstance(column, Date) else found
    return pd.DataFrame(values)


def _of_arrays(model: keras.Model, dataset: Node) -> _Subject:
    taken = inputs_of(model)
    has_names, named = isinstance(taken, dict), taken if isinstance(taken, dict) else {INPUT: taken}
    inputs = {name: {"dtype": one.dtype, "shape": [None, *one.shape[1:]]} for name, one in named.items()}
    x, said = _examples(dataset, input_shape(model))
    raw = {name: np.asarray(one, inputs[name]["dtype"]) for name, one in (x if has_names else {INPUT: x}).items()}
    specs = _specs(inputs)
    return _Subject(Predicting(model), specs if has_names else specs[INPUT], inputs, x, raw, said)


def _examples(dataset: Node, shape: Shape | Mapping[str, Shape]) -> tuple[Examples, str]:
    """Return test examples, if the dataset is still there, or made-up ones, and what they are."""
    with contextlib.suppress(ConfigError, DatasetError):
        data = load_dataset(dataset)
        if data.input_shape == shape:
            x = each_input(np.asarray, data.test.beginning(_MOST).x)
            return x, f"{min(_MOST, len(data.test))} of its test examples"
    rng = np.random.default_rng(0)
    made_up = {
        name: rng.integers(0, 256, (_MADE_UP, *one)) if len(one) == _IMAGE else rng.random((_MADE_UP, *one))
        for name, one in (shape if isinstance(shape, Mapping) else {"": shape}).items()
    }
    return made_up if isinstance(shape, Mapping) else made_up[""], f"{_MADE_UP} made-up examples"


def _write(subject: _Subject, path: Path, kind: Format) -> None:
    """Let Keras export a model.

    Raises:
        SearchError: if it cannot.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of NumPy and TensorFlow, for whom Keras and tf2onnx are too old
            subject.model(keras.tree.map_structure(_one_example, subject.signature))  # Keras builds it by a call
            subject.model.export(str(path), format=kind.keras_name, verbose=False, input_signature=[subject.signature])
    except (ValueError, TypeError, RuntimeError, NotImplementedError, tf.errors.OpError) as error:
        expected = f"a model that Keras can export as {kind.keras_name}"
        raise SearchError(Problem(subject.model.name, expected, str(error).splitlines()[0])) from error


def _one_example(spec: tf.TensorSpec) -> tf.Tensor:
    return tf.zeros([size or 1 for size in spec.shape], spec.dtype)


def _difference(expected: NDArray[np.float32], found: NDArray[np.float32], place: str) -> float:
    """Return the largest difference of the predictions.

    Raises:
        SearchError: if it is beyond the tolerance.
    """
    if found.shape != expected.shape:
        raise SearchError(Problem(place, f"predictions of shape {expected.shape}, as of the model", f"{found.shape}"))
    difference = float(np.abs(found - expected).max(initial=0.0))
    if not np.allclose(found, expected, rtol=RELATIVE, atol=ABSOLUTE):
        said = f"a difference of {difference:.2g}"
        raise SearchError(Problem(place, f"the predictions of the model, to {RELATIVE:g} + {ABSOLUTE:g}", said))
    return difference
