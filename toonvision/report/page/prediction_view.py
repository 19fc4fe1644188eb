"""The predictions of the two models on the test examples: by class, and for each example."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from toonvision.dataset import load_dataset
from toonvision.dataset.batches import Batches
from toonvision.errors import ToonvisionError
from toonvision.record.results import Results
from toonvision.verdict.activation_maps import load_maps
from toonvision.verdict.predictions import ROLES, Predictions

SHOWN = 60  # examples of a group, at most, to limit the size of the page
_SIDE = 240  # pixels, the longer side of a picture at most
_COLOUR, _GREY = 3, 1  # channels
_RED, _STRONGEST = (230, 40, 30), 0.75  # of a place that a model looks at; the share of the colour at most

Pictures = Mapping[str, NDArray[np.uint8]]  # of test examples, by name
Maps = Mapping[str, NDArray[np.uint8] | None]  # by role, one for each test example


@dataclass(frozen=True, slots=True)
class ClassMeasure:
    """The scores of one model for one class.

    Attributes:
        name: of the class.
        precision: share of the examples predicted as this class that belong to it.
        recall: share of the examples of this class that are predicted as it.
        f1: harmonic mean of precision and recall.
        examples: number of examples of the class.
    """

    name: str
    precision: float
    recall: float
    f1: float
    examples: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """A model's prediction of one example.

    Attributes:
        role: of the model.
        class_name: that it names, or all labels.
        confidence: that of the class, or of the least certain label.
        is_right: whether it is the label.
        picture: the example, reddened where the model looks, as a data URL; None if it is no image, or not known.
    """

    role: str
    class_name: str
    confidence: float
    is_right: bool
    picture: str | None


@dataclass(frozen=True, slots=True)
class Example:
    """One test example with the predictions of both models; `picture` is a data URL."""

    name: str
    class_name: str
    predictions: tuple[Prediction, ...]
    picture: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Examples with the same outcome in the two models; `count` includes those that are not shown."""

    title: str
    count: int
    examples: list[Example]


@dataclass(frozen=True, slots=True)
class PredictionView:
    """What the page shows of predicted classes or labels as text and pictures.

    Attributes:
        class_names: of the dataset.
        confusion: by role: one row for each class, one column for each predicted class; None where an example can have
            several labels.
        measures: by role, one for each class or label.
        groups: of examples: fixed by tuning, broken by tuning, wrong in both.
        without_pictures: why pictures are missing; None if they are not, or the examples are no images.
    """

    template = "predictions.html.jinja"

    class_names: tuple[str, ...]
    confusion: Mapping[str, list[list[int]]] | None
    measures: Mapping[str, list[ClassMeasure]]
    groups: list[Group]
    without_pictures: str | None

    @property
    def has_maps(self) -> bool:
        """Whether the page shows where the models look."""
        return any(said.picture for group in self.groups for one in group.examples for said in one.predictions)


def prediction_view(results: Results, predictions: Predictions) -> PredictionView:
    """Return the view of the predictions, without pictures if the data cannot be read now."""
    pictures: dict[str, NDArray[np.uint8]] = {}
    reason = None
    try:
        pictures = _pictures(results)
    except (ToonvisionError, ImportError) as error:  # for example, the folder has moved
        reason = str(error)
    maps = {role: load_maps(results.directory, role, len(predictions.examples)) for role in ROLES}
    return PredictionView(
        predictions.class_names,
        {role: _confusion(predictions, role) for role in ROLES} if predictions.has_classes else None,
        {role: _measures(predictions, role) for role in ROLES},
        _groups(predictions, pictures, maps if pictures else {}),
        reason,
    )


def _pictures(results: Results) -> dict[str, NDArray[np.uint8]]:
    """Return the test images by name; none if the examples are no images, or are read in batches.

    Raises:
        ToonvisionError: if the data are no longer those of the run.
    """
    dataset = load_dataset(results.config.default_trial.dataset)
    if dataset.fingerprint != results.state.fingerprint:
        raise ToonvisionError("The data are no longer those of the run.")
    x = dataset.test.x
    if isinstance(x, Batches):
        return {}
    inputs = list(x.values()) if isinstance(x, Mapping) else [x]
    images = [array for array in inputs if _is_images(array)]  # of several inputs, the first one is shown
    return dict(zip(dataset.test.example_names, images[0], strict=True)) if images else {}


def _is_images(x: NDArray[Any]) -> bool:
    return x.ndim == 4 and x.shape[-1] in (_GREY, _COLOUR) and x.dtype == np.uint8


def _confusion(predictions: Predictions, role: str) -> list[list[int]]:
    labels = range(len(predictions.class_names))
    matrix: list[list[int]] = confusion_matrix(
        predictions.labels, predictions.predicted(role), labels=list(labels)
    ).tolist()
    return matrix


def _measures(predictions: Predictions, role: str) -> list[ClassMeasure]:
    indices, named = np.arange(len(predictions.class_names)), predictions.predicted(role)
    columns = precision_recall_fscore_support(
        predictions.labels, named, labels=indices.tolist(), zero_division=0.0, average=None
    )
    rows = zip(predictions.class_names, *columns, strict=True)
    return [ClassMeasure(name, float(p), float(r), float(f1), int(n)) for name, p, r, f1, n in rows]


def _groups(predictions: Predictions, pictures: Pictures, maps: Maps) -> list[Group]:
    baseline, tuned = (predictions.is_right(role) for role in ROLES)
    parts = {
        "Fixed by tuning": ~baseline & tuned,
        "Broken by tuning": baseline & ~tuned,
        "Wrong in both": ~baseline & ~tuned,
    }
    groups = []
    for title, chosen in parts.items():
        indices = np.flatnonzero(chosen)
        groups.append(Group(title, len(indices), _examples(predictions, indices[:SHOWN].tolist(), pictures, maps)))
    return groups


def _examples(predictions: Predictions, indices: Sequence[int], pictures: Pictures, maps: Maps) -> list[Example]:
    named = {role: predictions.predicted(role) for role in ROLES}
    right = {role: predictions.is_right(role) for role in ROLES}
    confidence = {role: predictions.confidence(role) for role in ROLES}
    return [
        Example(
            predictions.examples[index],
            _said(predictions, predictions.labels[index]),
            tuple(
                Prediction(
                    role,
                    _said(predictions, named[role][index]),
                    float(confidence[role][index]),
                    bool(right[role][index]),
                    _looked_at(pictures.get(predictions.examples[index]), maps.get(role), index),
                )
                for role in ROLES
            ),
            _data_url(pictures[predictions.examples[index]]) if predictions.examples[index] in pictures else None,
        )
        for index in indices
    ]


def _said(predictions: Predictions, label: NDArray[np.int64]) -> str:
    """Return the name of a class, or of all labels that are present."""
    if predictions.has_classes:
        return predictions.class_names[int(label)]
    return ", ".join(predictions.class_names[index] for index in np.flatnonzero(label)) or "none"


def _looked_at(pixels: NDArray[np.uint8] | None, maps: NDArray[np.uint8] | None, index: int) -> str | None:
    """Return a picture in grey, with the places that a model looks at in red."""
    if pixels is None or maps is None:
        return None
    height, width = pixels.shape[:2]
    map_ = Image.fromarray(np.asarray(maps[index])).resize((width, height), Image.Resampling.BILINEAR)
    share = _STRONGEST * np.asarray(map_, np.float32)[..., np.newaxis] / 255
    grey = np.repeat(pixels.mean(axis=-1, keepdims=True), _COLOUR, axis=-1)
    return _data_url(np.rint((1 - share) * grey + share * np.array(_RED)).astype(np.uint8))


def _data_url(pixels: NDArray[np.uint8]) -> str:
    image = Image.fromarray(np.asarray(pixels[..., 0] if pixels.shape[-1] == _GREY else pixels))
    image.thumbnail((_SIDE, _SIDE))
    file = io.BytesIO()
    image.save(file, "WEBP", quality=85)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"
