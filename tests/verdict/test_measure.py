"""The macro scores against worked examples from the literature, each with the place of its numbers."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from toonvision.verdict.measure import confusion, macro_scores


def macro(labels: list[int], predicted: list[int], n_classes: int) -> list[float]:
    cells = np.array(labels) * n_classes + np.array(predicted)
    return [float(score) for score in macro_scores(confusion(cells, n_classes))]


def test_macro_scores_of_cats_fish_and_hens() -> None:
    """B. Shmueli, "Multi-Class Metrics Made Simple": macro precision 0.547, recall 0.511 and F1 0.465."""
    labels = [0] * 6 + [1] * 10 + [2] * 9
    predicted = [0, 0, 0, 0, 1, 2] + [0] * 6 + [1, 1, 2, 2] + [0, 0, 0] + [2] * 6
    assert macro(labels, predicted, 3) == pytest.approx((0.547, 0.511, 0.465), abs=0.0005)


def test_macro_scores_of_the_example_of_scikit_learn() -> None:
    """scikit-learn, `precision_score`, `recall_score` and `f1_score`: 0.22, 0.33 and 0.27."""
    assert macro([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], 3) == pytest.approx((0.22, 0.33, 0.27), abs=0.005)


def test_macro_f1_is_the_mean_of_f1_not_the_f1_of_means() -> None:
    """Opitz and Burst 2019 (arXiv:1911.03347): the F1 of means is never the smaller; skewed errors part the two."""
    precision, recall, f1 = macro([0] * 90 + [1] * 10, [0] * 45 + [1] * 45 + [1] * 10, 2)
    assert f1 < 2 * precision * recall / (precision + recall) - 0.1


def test_macro_scores_equal_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    for n in (1, 3, 10, 40):
        for _ in range(25):
            labels, predicted = rng.integers(5, size=n), rng.integers(6, size=n)
            expected = precision_recall_fscore_support(labels, predicted, average="macro", zero_division=0)[:3]
            assert macro(labels.tolist(), predicted.tolist(), 6) == pytest.approx(expected)


def test_many_sets_of_predictions_are_scored_together() -> None:
    cells = np.random.default_rng(0).integers(9, size=(2, 5, 30))
    together = macro_scores(confusion(cells, 3))
    assert together.shape == (3, 2, 5)
    for index in np.ndindex(2, 5):
        np.testing.assert_array_equal(together[:, *index], macro_scores(confusion(cells[index], 3)))
