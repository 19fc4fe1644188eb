"""What a run's model says of new examples."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from toonvision.config.node import Node
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
    """

    examples: tuple[str, ...]
    class_names: tuple[str, ...]
    outputs: NDArray[np.float32]
    named: tuple[str, ...] | None

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
    kept = models / f"{role}.preprocessing.json"
    preprocessing = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else None
    model = load_saved(models / f"{role}.keras")
    shape = model.input_shape
    each = {name: size[1:] for name, size in shape.items()} if isinstance(shape, dict) else tuple(shape[1:])
    x, names = read_examples(data, dataset, each, preprocessing)
    outputs = of_test.columns(np.asarray(model.predict(x, verbose=0), dtype=np.float32), len(known.class_names))
    said = replace(
        known, outputs={role: outputs}, labels=np.zeros((len(names), *known.labels.shape[1:]), known.labels.dtype)
    )
    if said.has_values:
        return Said(names, known.class_names, outputs, None)
    predicted, of = said.predicted(role), np.array(known.class_names)
    named = of[predicted] if said.has_classes else [", ".join(of[row == 1]) for row in predicted]
    return Said(names, known.class_names, outputs, tuple(map(str, named)))
