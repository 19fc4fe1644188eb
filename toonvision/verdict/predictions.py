"""The predictions of both models for each test example, as a CSV file in the run directory.

The retraining writes it. Reports read it for the confusion matrix and for the examples that tuning corrects, without
loading the models.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toonvision.errors import DatasetError, Problem

ROLES = ("baseline", "tuned")
_FILE = Path("models", "predictions.csv")
_EXAMPLE, _LABEL = "example", "label"


@dataclass(frozen=True, slots=True)
class Predictions:
    """The probability of each class by each role's model.

    Attributes:
        examples: names of the test examples.
        labels: class of each example, shape `(n,)`, an index into `class_names`.
        class_names: names of the dataset's classes.
        probabilities: one array per role, shape `(n, n_classes)`.
    """

    examples: tuple[str, ...]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    probabilities: Mapping[str, NDArray[np.float32]]

    def predicted(self, role: str) -> NDArray[np.int64]:
        """Return the most probable class of each example, shape `(n,)`."""
        return np.asarray(self.probabilities[role].argmax(axis=1), dtype=np.int64)

    def confidence(self, role: str) -> NDArray[np.float32]:
        """Return the probability of the most probable class of each example, shape `(n,)`."""
        return np.asarray(self.probabilities[role].max(axis=1), dtype=np.float32)

    def is_right(self, role: str) -> NDArray[np.bool_]:
        """Return for each example whether its most probable class is its label, shape `(n,)`."""
        return np.asarray(self.predicted(role) == self.labels)


def write(predictions: Predictions, run: Path) -> Path:
    """Write `models/predictions.csv`: one line per example with its class and the probabilities."""
    path = run / _FILE
    names = predictions.class_names
    with path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        lines = csv.writer(file)
        lines.writerow([_EXAMPLE, _LABEL, *(f"{role}: {name}" for role in ROLES for name in names)])
        for index, (example, label) in enumerate(zip(predictions.examples, predictions.labels, strict=True)):
            rows = (predictions.probabilities[role][index] for role in ROLES)
            # Nine digits restore a float32.
            lines.writerow([example, names[label], *(f"{p:.9g}" for row in rows for p in row)])
    return path


def load(run: Path) -> Predictions | None:
    """Read the file that `write` writes in a run directory; return None if there is none.

    Raises:
        DatasetError: if the file has another format.
    """
    path = run / _FILE
    if not path.is_file():
        return None
    try:
        with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
            return _parsed(list(csv.reader(file)))
    except (csv.Error, ValueError, IndexError) as error:
        raise DatasetError(
            Problem(str(path), "an example, its label and a probability for each role and class", str(error))
        ) from error


def _parsed(lines: list[list[str]]) -> Predictions:
    header, *rows = lines
    count = (len(header) - 2) // len(ROLES)
    names = tuple(column.removeprefix(f"{ROLES[0]}: ") for column in header[2 : 2 + count])
    table = np.array([row[2:] for row in rows], dtype=np.float32).reshape(len(rows), len(ROLES), count)
    labels = np.array([names.index(row[1]) for row in rows], dtype=np.int64)
    probabilities = {role: table[:, index] for index, role in enumerate(ROLES)}
    return Predictions(tuple(row[0] for row in rows), labels, names, probabilities)
