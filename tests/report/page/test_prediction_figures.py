"""Plots of the predictions, by the kind of the labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from toonvision.report.page.prediction_figures import prediction_figures
from toonvision.verdict.predictions import Predictions

RNG = np.random.default_rng(1)
EXAMPLES = tuple(f"<b>{index}" for index in range(60))


def given(labels: np.ndarray[Any, Any], names: tuple[str, ...]) -> Predictions:
    outputs = {}
    for role, skill in (("baseline", 0.5), ("tuned", 2.0)):
        truth = labels if labels.ndim == 2 else labels[:, None] == np.arange(len(names))
        raw = np.exp(RNG.normal(size=(60, len(names))) + skill * truth)
        outputs[role] = (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32)
    return Predictions(EXAMPLES, labels, names, outputs)


BINARY = given((RNG.random(60) < 0.3).astype(np.int64), ("no", "yes"))
CLASSES = given(RNG.integers(3, size=60), ("a", "b", "c"))
LABELS = given((RNG.random((60, 3)) < 0.4).astype(np.int64), ("a", "b", "c"))
VALUES = given(RNG.normal(size=(60, 2)).astype(np.float32), ("height", "<i>weight"))


@pytest.mark.parametrize(
    ("predictions", "titles"),
    [
        (BINARY, ["Confidence", "ROC and precision-recall curves", "Calibration"]),
        (CLASSES, ["Confidence", "ROC and precision-recall curves", "Calibration"]),
        (LABELS, ["ROC and precision-recall curves", "Calibration"]),
        (VALUES, ["Predicted and true values", "Residuals"]),
    ],
)
def test_each_kind_of_label_has_its_sections_with_two_plots_each(predictions: Predictions, titles: list[str]) -> None:
    sections = prediction_figures(predictions)
    assert [section.title for section in sections] == titles
    assert all(len(section.figures) == 2 for section in sections)
    names = [figure.name for section in sections for figure in section.figures]
    assert len(set(names)) == len(names)


def test_the_roc_curve_has_the_area_of_scikit_learn() -> None:
    roc = prediction_figures(BINARY)[1].figures[0]
    area = roc_auc_score(BINARY.labels, BINARY.outputs["tuned"][:, 1])
    assert roc.data[1]["name"] == f"tuned {area:.3f}"
    x, y = roc.data[1]["x"], roc.data[1]["y"]
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)


def test_calibration_counts_every_answer() -> None:
    for predictions, answers in ((BINARY, 60), (CLASSES, 180), (LABELS, 180)):
        points = prediction_figures(predictions)[-1].figures[0].data[1]
        assert sum(points["customdata"]) == answers


def test_residuals_are_the_true_less_the_predicted_values_of_each_target() -> None:
    residuals = prediction_figures(VALUES)[1].figures[1]
    assert [trace["name"] for trace in residuals.data] == ["height", "&lt;i>weight"]
    np.testing.assert_allclose(residuals.data[0]["y"], VALUES.labels[:, 0] - VALUES.outputs["tuned"][:, 0], atol=1e-6)
    assert residuals.data[0]["text"][0] == "&lt;b>0"
