"""What a run's model says of new examples."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import keras
import numpy as np
from numpy.typing import NDArray

from toonvision.config.node import Node
from toonvision.dataset.dataset import Shape
from toonvision.dataset.new_examples import read_examples
from toonvision.errors import Problem, SearchError
from toonvision.training.saved_model import load_saved
from toonvision.verdict import predictions as of_test
from toonvision.verdict.comparison import ModelScores


@dataclass(frozen=True, slots=True)
class Said:
    """What a model says of examples.

    Attributes:
        examples: their names.
        class_names: of the classes, the labels or the targets.
        outputs: a probability or a value for each example and name, shape `(n, k)`.
        named: for each example the class, or the labels; None for values.
        model: the file of the saved model.
    """

    examples: tuple[str, ...]
    class_names: tuple[str, ...]
    outputs: NDArray[np.float32]
    named: tuple[str, ...] | None
    model: Path

    @property
    def served(self) -> str:
        """Where the saved model can be used, in a sentence."""
        return (
            f"{self.model} predicts wherever Keras runs (keras.models.load_model), of examples that are already numbers"
            "; toonvision export writes it for TensorFlow Serving, ONNX Runtime or LiteRT."
        )

    def save(self, path: Path) -> None:
        """Write the lines to a file."""
        with path.open("w", newline="", encoding="utf-8") as file:
            self.write(file)

    def write(self, file: TextIO) -> None:
        """Write a line of CSV for each example."""
        lines = csv.writer(file)
        named = [] if self.named is None else ["prediction"]
        lines.writerow(["example", *named, *self.class_names])
        for index, example in enumerate(self.examples):
            said = [] if self.named is None else [self.named[index]]
            lines.writerow([example, *said, *(f"{value:.9g}" for value in self.outputs[index])])


def say(run: Path, role: str, scores: ModelScores, dataset: Node, data: Path) -> Said:
    """Return what a model of a finished run says of new examples.

    Args:
        run: its directory.
        role: tuned or baseline.
        scores: of the model.
        dataset: with which it was trained.
        data: see `toonvision.dataset.new_examples`.

    Raises:
        SearchError: if the run has no such model.
        ConfigError: if the model names code that is not trusted.
        DatasetError: if the data cannot be read, or do not fit the model.
    """
    models = run / "models"
    threshold = scores.duration.threshold if scores.duration else None
    known = of_test.load(run, {} if threshold is None else {role: threshold})
    if known is None:
        raise SearchError(Problem(str(models / "predictions.csv"), "the predictions of the run", "no such file"))
    path = models / f"{role}.keras"
    model = load_saved(path)
    x, names = read_examples(data, dataset, input_shape(model), kept_preprocessing(path))
    outputs = of_test.columns(np.asarray(model.predict(x, verbose=0), dtype=np.float32), len(known.class_names))
    said = replace(
        known, outputs={role: outputs}, labels=np.zeros((len(names), *known.labels.shape[1:]), known.labels.dtype)
    )
    if said.has_values:
        return Said(names, known.class_names, outputs, None, path)
    predicted, of = said.predicted(role), np.array(known.class_names)
    named = of[predicted] if said.has_classes else [", ".join(of[row == 1]) for row in predicted]
    return Said(names, known.class_names, outputs, tuple(map(str, named)), path)


def kept_preprocessing(model: Path) -> dict[str, Any] | None:
    """Return what `toonvision.search.comparing.keep_model` has written beside a model; None for nothing."""
    path = model.with_suffix(".preprocessing.json")
    if not path.is_file():
        return None
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def inputs_of(model: keras.Model) -> dict[str, keras.KerasTensor] | keras.KerasTensor:
    """Return what stands for the input of a model in Keras; by the name of each if there are several."""
    if len(model.inputs) == 1 and (isinstance(model, keras.Sequential) or not isinstance(model.input, dict)):
        return model.inputs[0]
    return model.input if isinstance(model.input, dict) else {one.name: one for one in model.inputs}


def input_shape(model: keras.Model) -> Shape | dict[str, Shape]:
    """Return the shape of one example, without the batch; of each input by its name if there are several."""
    inputs = inputs_of(model)
    if isinstance(inputs, dict):
        return {name: tuple(one.shape[1:]) for name, one in inputs.items()}
    return tuple(inputs.shape[1:])
