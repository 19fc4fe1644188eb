"""Predicted numbers as tables: measures of each target, and the largest errors."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error

from toonvision.report.page.value_view import SHOWN, value_view
from toonvision.verdict.predictions import Predictions

RNG = np.random.default_rng(1)
LABELS = RNG.normal((100, 5), (30, 1), size=(40, 2)).astype(np.float32)
OUTPUTS = {role: (LABELS + RNG.normal(0, (3, 0.1), size=(40, 2))).astype(np.float32) for role in ("baseline", "tuned")}
OUTPUTS["tuned"][7, 1] += 9
PREDICTIONS = Predictions(tuple(map(str, range(40))), LABELS, ("height", "weight"), OUTPUTS)


def test_each_target_has_its_measures() -> None:
    height, weight = value_view(PREDICTIONS).measures["tuned"]
    assert (height.name, weight.name) == ("height", "weight")
    assert height.mean_absolute_error == pytest.approx(mean_absolute_error(LABELS[:, 0], OUTPUTS["tuned"][:, 0]))


def test_the_largest_error_in_units_of_the_target_comes_first() -> None:
    worst = value_view(PREDICTIONS).worst
    assert (worst[0].name, worst[0].target, len(worst)) == ("7", "weight", SHOWN)
    assert worst[0].values == pytest.approx(tuple(float(OUTPUTS[role][7, 1]) for role in ("baseline", "tuned")))
