"""Ranking measures, beside scikit-learn's and DeLong's formula."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from toonvision.task.ranking import area_under_roc, average_precision, roc_values


def drawn(seed: int, *, ties: bool) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    positive = rng.random((4, 60)) < 0.2
    positive[:, 0], positive[:, 1] = True, False
    given: NDArray[np.float64] = rng.random((3, 4, 60)) + 0.4 * positive
    return positive, np.round(given * 10) / 10 if ties else given


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_they_are_those_of_scikit_learn(seed: int, ties: bool) -> None:
    positive, given = drawn(seed, ties=ties)
    area, precision = area_under_roc(positive, given), average_precision(positive, given)
    for model in range(3):
        for sample in range(4):
            case = positive[sample], given[model, sample]
            assert area[model, sample] == pytest.approx(roc_auc_score(*case))
            assert precision[model, sample] == pytest.approx(average_precision_score(*case))


def test_a_sample_of_one_class_has_the_area_of_chance() -> None:
    given = np.array([[0.1, 0.9]])
    assert area_under_roc(np.array([True, True]), given).tolist() == [0.5]
    assert average_precision(np.array([False, False]), given).tolist() == [0.0]
    assert roc_values(np.array([1, 1]), given).tolist() == [[0.5, 0.5]]


@pytest.mark.parametrize("ties", [False, True])
def test_the_values_of_the_examples_have_the_mean_and_the_variance_of_delong(ties: bool) -> None:
    positive, given = drawn(5, ties=ties)
    labels, scores = positive[0].astype(np.int64), given[:, 0]
    values = roc_values(labels, scores)
    for model, of_model in enumerate(scores):
        ones, zeros = of_model[labels == 1], of_model[labels == 0]
        wins = (ones[:, None] > zeros) + 0.5 * (ones[:, None] == zeros)  # of each pair
        by_one, by_zero = wins.mean(axis=1), wins.mean(axis=0)
        delong = by_one.var(ddof=0) / len(ones) + by_zero.var(ddof=0) / len(zeros)
        assert values[model].mean() == pytest.approx(roc_auc_score(labels, of_model))
        assert values[model].var(ddof=0) / len(labels) == pytest.approx(delong)
