"""The predictions of both models for each test example, as a CSV file in the run directory.

The retraining writes it. Reports read it for the confusion matrix and for the examples that tuning corrects, without
loading the models.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toonvision.errors import DatasetError, Problem

ROLES = ("baseline", "tuned")
_FILE = Path("models", "predictions.csv")
LABEL_THRESHOLD = 0.5  # from which probability on a label is named
_EXAMPLE, _LABEL = "example", "label"


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the two models say of each example.

    Attributes:
        examples: names of the test examples.
        labels: class of each example, shape `(n,)`, an index into `class_names`; or a number for each of these names,
            shape `(n, k)`: integers if a label is present or absent, else floats.
        class_names: names of the classes, the labels or the targets.
        outputs: for each role and name the probability or the value, shape `(n, k)`.
        thresholds: for each role, from which probability on the second of two classes is named; without one, the most
            probable class is.
    """

    examples: tuple[str, ...]
    labels: NDArray[np.int64] | NDArray[np.float32]
    class_names: tuple[str, ...]
    outputs: Mapping[str, NDArray[np.float32]]
    thresholds: Mapping[str, float] = field(default_factory=dict)

    @property
    def has_classes(self) -> bool:
        """Whether each example has one class."""
        return self.labels.ndim == 1

    @property
    def has_values(self) -> bool:
        """Whether each example has numbers, not classes or labels."""
        return np.issubdtype(self.labels.dtype, np.floating)

    def predicted(self, role: str) -> NDArray[np.int64]:
        """Return the class that is named for each example, shape `(n,)`, or whether each label is, `(n, k)`."""
        outputs, threshold = self.outputs[role], self.thresholds.get(role)
        if not self.has_classes:
            return np.asarray(outputs >= LABEL_THRESHOLD, dtype=np.int64)
        return np.asarray(outputs.argmax(axis=1) if threshold is None else outputs[:, 1] >= threshold, dtype=np.int64)

    def confidence(self, role: str) -> NDArray[np.float32]:
        """Return the probability of the class that is named for each example; the lowest of several labels'."""
        outputs, named = self.outputs[role], self.predicted(role)
        if not self.has_classes:
            return np.asarray(np.where(named == 1, outputs, 1 - outputs).min(axis=1), dtype=np.float32)
        return np.take_along_axis(outputs, named[:, None], axis=1)[:, 0]

    def is_right(self, role: str) -> NDArray[np.bool_]:
        """Return for each example whether what is named is its label, or are all its labels, shape `(n,)`."""
        right = self.predicted(role) == self.labels
        return np.asarray(right if self.has_classes else right.all(axis=1))


def columns(outputs: NDArray[np.float32], names: int) -> NDArray[np.float32]:
    """Return a number for each class, label or target; one unit for two classes is the probability of the second.

    Args:
        outputs: of a model, shape `(n, units)`.
        names: of the classes, labels or targets.
    """
    return np.concatenate([1 - outputs, outputs], axis=-1) if outputs.shape[-1] == 1 and names == 2 else outputs


def write(predictions: Predictions, run: Path) -> Path:
    """Write `models/predictions.csv`: one line for each example with its label and what each role says."""
    path = run / _FILE
    names = predictions.class_names
    labels = [_LABEL] if predictions.has_classes else [f"{_LABEL}: {name}" for name in names]
    with path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        lines = csv.writer(file)
        lines.writerow([_EXAMPLE, *labels, *(f"{role}: {name}" for role in ROLES for name in names)])
        for index, (example, label) in enumerate(zip(predictions.examples, predictions.labels, strict=True)):
            rows = (predictions.outputs[role][index] for role in ROLES)
            said = [names[label]] if predictions.has_classes else label.tolist()  # a float has a point, an integer none
            # Nine digits restore a float32.
            lines.writerow([example, *said, *(f"{p:.9g}" for row in rows for p in row)])
    return path


def load(run: Path, thresholds: Mapping[str, float] | None = None) -> Predictions | None:
    """Read the file that `write` writes in a run directory; return None if there is none.

    Args:
        run: its directory.
        thresholds: of each role (see `Predictions`), which are no part of the file.

    Raises:
        DatasetError: if the file has another format.
    """
    path = run / _FILE
    if not path.is_file():
        return None
    try:
        with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
            return replace(_parsed(list(csv.reader(file))), thresholds=thresholds or {})
    except (csv.Error, ValueError, IndexError) as error:
        raise DatasetError(
            Problem(str(path), "an example, its label and a number for each role and name", str(error))
        ) from error


def _parsed(lines: list[list[str]]) -> Predictions:
    header, *rows = lines
    names = tuple(column.removeprefix(f"{ROLES[0]}: ") for column in header[1:] if column.startswith(f"{ROLES[0]}: "))
    count, has_classes = len(names), header[1] == _LABEL
    if not count or any(len(row) != len(header) for row in rows):
        raise ValueError(f"expected the columns {', '.join(header)} in each line")
    outputs = np.array([row[-len(ROLES) * count :] for row in rows], dtype=np.float32)
    outputs = outputs.reshape(len(rows), len(ROLES), count)
    return Predictions(
        tuple(row[0] for row in rows),
        np.array([names.index(row[1]) for row in rows], dtype=np.int64)
        if has_classes
        else _numbers([row[1 : 1 + count] for row in rows]),
        names,
        {role: outputs[:, index] for index, role in enumerate(ROLES)},
    )


def _numbers(cells: list[list[str]]) -> NDArray[np.int64] | NDArray[np.float32]:
    if all(cell in ("0", "1") for row in cells for cell in row):
        return np.array(cells, dtype=np.int64)
    return np.array(cells, dtype=np.float32)
