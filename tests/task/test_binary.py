"""Two classes: the measures are scikit-learn's, and the threshold is the best one."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

from tests.verdict.made_models import COST
from toonvision.errors import ConfigError
from toonvision.task.binary import Binary
from toonvision.verdict import Role, measured, reach_verdict

N = 300
LABELS = (np.random.default_rng(1).random(N) < 0.15).astype(np.int64)


def answered(seed: int, models: int = 3, skill: float = 1.5) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(models, N)) + skill * LABELS - 1
    given: np.ndarray[Any, Any] = 1 / (1 + np.exp(-scores))[..., None]
    return given


def test_each_measure_is_that_of_scikit_learn() -> None:
    given, threshold = answered(2)[0], 0.4
    found = measured(Binary(), LABELS, given, threshold)
    named = given[:, 0] >= threshold
    assert found == pytest.approx(
        {
            "auc": roc_auc_score(LABELS, given[:, 0]),
            "average_precision": average_precision_score(LABELS, given[:, 0]),
            "wrong": np.sum(named != LABELS),
            "accuracy": accuracy_score(LABELS, named),
            "brier": brier_score_loss(LABELS, given[:, 0]),
            "loss": log_loss(LABELS, given[:, 0]),
            "precision": precision_score(LABELS, named),
            "recall": recall_score(LABELS, named),
            "f1": f1_score(LABELS, named),
        }
    )
    assert next(iter(found)) == "auc"


MEASURES = {"accuracy": accuracy_score, "balanced_accuracy": balanced_accuracy_score, "f1": f1_score}


@pytest.mark.parametrize("by", ["accuracy", "balanced_accuracy", "f1"])
def test_no_threshold_is_better_than_the_chosen_one(by: Literal["accuracy", "balanced_accuracy", "f1"]) -> None:
    given = answered(3)[0]
    chosen = Binary(threshold_by=by).threshold(LABELS, given)
    reached = MEASURES[by](LABELS, given[:, 0] >= chosen)
    best = max(MEASURES[by](LABELS, given[:, 0] >= cut) for cut in np.linspace(0, 1, 2001))
    assert reached >= best - 1e-12


def test_of_thresholds_as_good_the_one_nearest_to_a_half_is_chosen() -> None:
    assert Binary().threshold(np.array([0, 0, 1, 1]), np.array([[0.1], [0.2], [0.3], [0.9]])) == pytest.approx(0.25)
    assert Binary().threshold(np.array([0, 1]), np.array([[0.2], [0.9]])) == 0.5


def test_the_threshold_of_a_role_decides_the_errors_of_its_models() -> None:
    given, cut = answered(4), 0.3
    baseline, tuned = Role(given, COST, 0.7), Role(given, COST, cut)
    found = reach_verdict(Binary(), LABELS, ("other", "eight"), baseline=baseline, tuned=tuned, seed=1).tuned
    expected = [np.sum((model[:, 0] >= cut) != LABELS) for model in given]
    assert found.measures["wrong"].seeds == tuple(expected)
    assert found.threshold == cut
    matrix = confusion_matrix(LABELS, given[found.median][:, 0] >= cut)
    np.testing.assert_array_equal(found.confusion, matrix)


def test_a_better_ranking_is_seen_and_has_a_positive_difference_of_tuned_less_baseline() -> None:
    weak, strong = Role(answered(5, skill=0.5), COST), Role(answered(6, skill=2.5), COST)
    found = reach_verdict(Binary(), LABELS, ("other", "eight"), baseline=weak, tuned=strong, seed=1)
    assert found.decisive.name == "auc"
    assert found.difference.value < 0
    assert (found.is_significant, found.tuned_is_worse, found.pairs) == (True, False, 1.0)
    assert found.dead(found.tuned) == 0
    assert found.test is not None


def test_models_that_rank_at_random_learned_nothing() -> None:
    constant = Role(np.full((2, N, 1), 0.15), COST)
    found = reach_verdict(Binary(), LABELS, ("other", "eight"), baseline=constant, tuned=constant, seed=1)
    assert found.dead(found.baseline) == 2


@pytest.mark.parametrize("value", [-0.1, 1.5, np.nan])
def test_predictions_that_are_no_probabilities_are_refused(value: float) -> None:
    with pytest.raises(ConfigError, match=r"^model\.output: expected probabilities, as activation=sigmoid gives them"):
        measured(Binary(), LABELS, np.full((N, 1), value))


def test_labels_are_zero_and_one_with_two_names() -> None:
    assert Binary().fits(LABELS, ("a", "b"))
    assert not Binary().fits(LABELS, ("a", "b", "c"))
    assert not Binary().fits(LABELS.astype(np.float32), ("a", "b"))
    assert not Binary().fits(LABELS[:, None], ("a", "b"))
