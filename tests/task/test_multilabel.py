"""Labels: the measures are scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, hamming_loss, log_loss

from tests.verdict.made_models import COST
from toonvision.errors import ConfigError
from toonvision.task.multilabel import Multilabel
from toonvision.verdict import Role, measured, reach_verdict

N, NAMES = 120, ("a", "b", "c", "d")
RNG = np.random.default_rng(1)
LABELS = (RNG.random((N, 4)) < (0.5, 0.3, 0.2, 0.1)).astype(np.int64)
GIVEN = np.clip(0.5 * RNG.random((3, N, 4)) + 0.4 * LABELS, 0, 1)


def test_each_measure_is_that_of_scikit_learn() -> None:
    named = GIVEN[0] >= 0.5
    assert measured(Multilabel(), LABELS, GIVEN[0]) == pytest.approx(
        {
            "hamming_loss": hamming_loss(LABELS, named),
            "wrong": np.sum((named != LABELS).any(axis=1)),
            "exact_match": accuracy_score(LABELS, named),
            "macro_f1": f1_score(LABELS, named, average="macro"),
            "micro_f1": f1_score(LABELS, named, average="micro"),
            "loss": np.mean([log_loss(LABELS[:, k], GIVEN[0][:, k]) for k in range(4)]),
        }
    )


def test_the_best_constant_answer_names_what_most_examples_have() -> None:
    assert Multilabel().trivial(np.array([[1, 0], [1, 0], [1, 1], [0, 0]])) == pytest.approx(0.25)


def test_both_roles_are_compared_by_the_share_of_wrong_labels() -> None:
    worse = Role(np.clip(GIVEN - 0.3 * LABELS, 0, 1), COST)
    found = reach_verdict(Multilabel(), LABELS, NAMES, baseline=worse, tuned=Role(GIVEN, COST), seed=1)
    assert found.decisive.name == "hamming_loss"
    assert found.difference.value > 0
    assert found.tuned.confusion is None
    assert found.test is not None
    assert found.test.p_value < 0.05


def test_predictions_that_are_no_probabilities_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"^model\.output: expected probabilities"):
        measured(Multilabel(), LABELS, GIVEN[0] + 1)


def test_labels_are_zero_and_one_for_each_name() -> None:
    assert Multilabel().fits(LABELS, NAMES)
    assert not Multilabel().fits(LABELS, NAMES[:3])
    assert not Multilabel().fits(LABELS + 1, NAMES)
    assert not Multilabel().fits(LABELS.astype(np.float32), NAMES)
    assert not Multilabel().fits(LABELS[:, 0], NAMES)
