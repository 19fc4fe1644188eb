"""From predictions to a verdict: its measures, its intervals and its test."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

from tests.verdict.made_models import CLASSES, COST, LABELS, N, predictions, uncertain, verdict
from toonvision.errors import ConfigError
from toonvision.task.multiclass import Multiclass
from toonvision.verdict import Role, reach_verdict


def test_each_seed_has_the_measures_of_scikit_learn() -> None:
    given = uncertain(1)
    scores = verdict(given, uncertain(2)).baseline
    for index, probabilities in enumerate(given.predictions):
        answers = probabilities.argmax(axis=-1)
        macro = precision_recall_fscore_support(LABELS, answers, average="macro")[:3]
        assert [
            m.seeds[index] for m in (scores.measures["precision"], scores.measures["recall"], scores.measures["f1"])
        ] == pytest.approx(macro)
        assert scores.measures["loss"].seeds[index] == pytest.approx(log_loss(LABELS, probabilities))
        assert scores.measures["wrong"].seeds[index] == np.sum(answers != LABELS)
        assert scores.measures["accuracy"].seeds[index] == pytest.approx(np.mean(answers == LABELS))


def test_a_probability_of_zero_costs_what_it_costs_in_keras() -> None:
    given = uncertain(1, models=1)
    given.predictions[0, :5] = np.eye(len(CLASSES))[(LABELS[:5] + 1) % len(CLASSES)]
    expected = keras.losses.SparseCategoricalCrossentropy()(LABELS, given.predictions[0].astype(np.float32))
    assert verdict(given, given).tuned.measures["loss"].mean == pytest.approx(float(expected), rel=1e-5)


def test_probabilities_are_normalized_as_in_keras() -> None:
    given = uncertain(1, models=1)
    given.predictions[0, ::2] *= 0.6  # as of a sigmoid
    expected = keras.losses.SparseCategoricalCrossentropy()(LABELS, given.predictions[0].astype(np.float32))
    assert verdict(given, given).tuned.measures["loss"].mean == pytest.approx(float(expected), rel=1e-5)


def test_the_mean_is_over_the_seeds_and_lies_in_its_interval() -> None:
    scores = verdict(uncertain(1), uncertain(2)).tuned
    for measure in scores.measures.values():
        assert measure.mean == pytest.approx(np.mean(measure.seeds))
        assert measure.interval is not None
        assert measure.interval[0] < measure.mean < measure.interval[1]


def test_the_median_model_has_the_median_number_of_errors() -> None:
    scores = verdict(predictions(range(9), range(2), range(5)), predictions(range(3), range(1))).baseline
    assert (scores.median, scores.measures["wrong"].seeds[scores.median]) == (2, 5)


def test_of_two_models_in_the_middle_the_worse_is_the_median() -> None:
    scores = verdict(predictions(range(3)), predictions(range(3), range(1))).tuned
    assert (scores.median, scores.measures["wrong"].seeds[scores.median]) == (0, 3)


def test_the_confusion_matrix_is_that_of_the_median_model() -> None:
    given = uncertain(1)
    scores = verdict(given, uncertain(2)).baseline
    answers = given.predictions[scores.median].argmax(axis=-1)
    np.testing.assert_array_equal(scores.confusion, confusion_matrix(LABELS, answers))


def test_mcnemar_compares_the_median_models() -> None:
    test = verdict(predictions(range(20), range(12), range(11)), predictions(range(10, 13), (), range(90))).test
    assert test is not None
    assert (test.only_baseline, test.only_tuned) == (10, 1)


def test_the_difference_is_of_the_means_over_the_seeds() -> None:
    found = verdict(predictions(range(12), range(10)), predictions(range(1), range(3), range(2)))
    assert found.difference.value == pytest.approx(9.0)


def test_the_difference_is_paired() -> None:
    """Two roles that are wrong on nearly the same examples differ by little, however many these are."""
    found = verdict(predictions(range(60), range(60)), predictions(range(1, 60), range(1, 60)))
    assert found.difference.interval is not None
    low, high = found.difference.interval
    assert -1 <= low < 1 < high <= 3
    assert found.baseline.measures["wrong"].interval is not None
    assert found.baseline.measures["wrong"].interval[1] - found.baseline.measures["wrong"].interval[0] > 20


def test_the_difference_of_the_loss_has_an_interval_too() -> None:
    found = verdict(uncertain(1), uncertain(2))
    assert found.differences["loss"].value == pytest.approx(
        found.baseline.measures["loss"].mean - found.tuned.measures["loss"].mean
    )
    assert found.differences["loss"].value is not None
    assert found.differences["loss"].interval is not None
    assert (
        found.differences["loss"].interval[0] < found.differences["loss"].value < found.differences["loss"].interval[1]
    )


def test_models_with_the_same_errors_have_no_interval_of_the_difference() -> None:
    found = verdict(predictions(range(7), range(7)), predictions(range(7), range(7)))
    assert (found.difference.value, found.difference.interval, found.difference.p_value) == (0.0, None, None)
    assert found.test is not None
    assert (found.test.p_value, found.pairs) == (1.0, 0.5)


def test_trainings_that_learned_nothing_are_counted() -> None:
    most = max(np.bincount(LABELS))
    found = verdict(predictions(range(N - most), range(N - most - 1)), predictions(range(7)))
    assert (found.dead(found.baseline), found.dead(found.tuned)) == (1, 0)


def test_zero_errors_have_an_exact_interval_above_zero() -> None:
    """Without an error the bootstrap would say [0, 0]; the exact bound is 1 - 0.025 ** (1 / n) of the examples."""
    scores = verdict(predictions(range(7)), predictions(())).tuned
    bound = 1 - 0.025 ** (1 / N)
    assert scores.measures["wrong"].interval == pytest.approx((0, N * bound))
    assert scores.measures["accuracy"].interval == pytest.approx((1 - bound, 1))
    assert (scores.measures["f1"].mean, scores.measures["f1"].interval) == (1.0, None)


def test_a_single_example_has_exact_intervals_only() -> None:
    one = Role(predictions(()).predictions[:, :1], COST)
    scores = reach_verdict(Multiclass(), LABELS[:1], CLASSES, baseline=one, tuned=one, seed=1).tuned
    assert scores.measures["wrong"].interval == pytest.approx((0, 0.975))
    assert scores.measures["f1"].interval is None


def test_the_seed_determines_the_intervals() -> None:
    first, again, other = (verdict(uncertain(1), uncertain(2), seed) for seed in (1, 1, 2))
    assert first == again
    assert first.tuned.measures["f1"].interval != other.tuned.measures["f1"].interval
    assert first.test == other.test


@pytest.mark.parametrize("shape", [(N, 4), (1, N - 1, 4), (1, N, 3), (0, N, 4)])
def test_predictions_with_a_wrong_shape_are_rejected(shape: Sequence[int]) -> None:
    with pytest.raises(ValueError, match=r"expected the shape \(seeds, 197, 4\)\. Received: "):
        verdict(Role(np.ones(shape), COST), predictions(()))


def test_predictions_that_are_not_probabilities_are_rejected() -> None:
    given = predictions(())
    given.predictions[0, 0, 0] = -2
    with pytest.raises(ConfigError, match=r"^model\.output: expected probabilities.* between -2 and 0\.85\.$"):
        verdict(given, predictions(()))
