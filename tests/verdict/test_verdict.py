"""The verdict on the test set: its measures, its intervals, its sentence, and its way through JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support

from toonvision.errors import ConfigError
from toonvision.verdict import Cost, Predictions, Verdict, in_words, reach_verdict

N, CLASSES = 197, ("bossbot", "cashbot", "lawbot", "sellbot")
LABELS = np.random.default_rng(0).integers(len(CLASSES), size=N)
COST = Cost(parameters=14_620, file_bytes=230_000, batch_seconds=0.02, batch_size=64)


def predictions(*wrong: Iterable[int], parameters: int = COST.parameters) -> Predictions:
    """Return one model for each set of examples that it is to have wrong."""
    probabilities = np.full((len(wrong), N, len(CLASSES)), 0.05)
    for model, examples in zip(probabilities, wrong, strict=True):
        answers = LABELS.copy()
        answers[list(examples)] = (answers[list(examples)] + 1) % len(CLASSES)
        model[np.arange(N), answers] = 0.85
    return Predictions(probabilities, replace(COST, parameters=parameters))


def verdict(baseline: Predictions, tuned: Predictions, seed: int = 1) -> Verdict:
    return reach_verdict(LABELS, CLASSES, baseline=baseline, tuned=tuned, seed=seed)


def uncertain(seed: int, models: int = 3) -> Predictions:
    """Return models that are better than chance and never sure."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(models, N, len(CLASSES)))
    scores[:, np.arange(N), LABELS] += 1.5
    exponents = np.exp(scores)
    return Predictions(exponents / exponents.sum(axis=-1, keepdims=True), COST)


def test_each_seed_has_the_measures_of_scikit_learn() -> None:
    given = uncertain(1)
    scores = verdict(given, uncertain(2)).baseline
    for index, probabilities in enumerate(given.probabilities):
        answers = probabilities.argmax(axis=-1)
        macro = precision_recall_fscore_support(LABELS, answers, average="macro")[:3]
        assert [m.seeds[index] for m in (scores.precision, scores.recall, scores.f1)] == pytest.approx(macro)
        assert scores.loss.seeds[index] == pytest.approx(log_loss(LABELS, probabilities))
        assert scores.wrong.seeds[index] == np.sum(answers != LABELS)
        assert scores.accuracy.seeds[index] == pytest.approx(np.mean(answers == LABELS))


def test_the_loss_is_that_of_keras_also_where_the_right_class_has_no_probability() -> None:
    given = uncertain(1, models=1)
    given.probabilities[0, :5] = np.eye(len(CLASSES))[(LABELS[:5] + 1) % len(CLASSES)]
    expected = keras.losses.SparseCategoricalCrossentropy()(LABELS, given.probabilities[0].astype(np.float32))
    assert verdict(given, given).tuned.loss.mean == pytest.approx(float(expected), rel=1e-5)


def test_the_loss_of_probabilities_that_do_not_add_up_is_that_of_keras() -> None:
    given = uncertain(1, models=1)
    given.probabilities[0, ::2] *= 0.6  # as of a sigmoid
    expected = keras.losses.SparseCategoricalCrossentropy()(LABELS, given.probabilities[0].astype(np.float32))
    assert verdict(given, given).tuned.loss.mean == pytest.approx(float(expected), rel=1e-5)


def test_the_mean_is_over_the_seeds_and_lies_in_its_interval() -> None:
    scores = verdict(uncertain(1), uncertain(2)).tuned
    for measure in (scores.wrong, scores.loss, scores.accuracy, scores.precision, scores.recall, scores.f1):
        assert measure.mean == pytest.approx(np.mean(measure.seeds))
        assert measure.interval is not None
        assert measure.interval[0] < measure.mean < measure.interval[1]


def test_the_median_model_is_neither_the_luckiest_nor_the_unluckiest() -> None:
    scores = verdict(predictions(range(9), range(2), range(5)), predictions(range(3), range(1))).baseline
    assert (scores.median, scores.median_wrong) == (2, 5)


def test_of_two_models_in_the_middle_the_worse_is_the_median() -> None:
    scores = verdict(predictions(range(3)), predictions(range(3), range(1))).tuned
    assert (scores.median, scores.median_wrong) == (0, 3)


def test_the_confusion_matrix_is_that_of_the_median_model() -> None:
    given = uncertain(1)
    scores = verdict(given, uncertain(2)).baseline
    answers = given.probabilities[scores.median].argmax(axis=-1)
    np.testing.assert_array_equal(scores.confusion, confusion_matrix(LABELS, answers))


def test_the_test_is_between_the_median_models() -> None:
    test = verdict(predictions(range(20), range(12), range(11)), predictions(range(10, 13), (), range(90))).test
    assert (test.only_baseline, test.only_tuned) == (10, 1)


def test_the_difference_is_of_the_means_over_the_seeds() -> None:
    found = verdict(predictions(range(12), range(10)), predictions(range(1), range(3), range(2)))
    assert found.fewer_wrong == pytest.approx(9.0)


def test_the_difference_is_paired() -> None:
    """Two models that are wrong on nearly the same examples differ by little, however many these are."""
    found = verdict(predictions(range(60)), predictions(range(1, 60)))
    assert found.fewer_wrong_interval is not None
    low, high = found.fewer_wrong_interval
    assert 0 <= low <= 1 <= high <= 6
    assert found.baseline.wrong.interval is not None
    assert found.baseline.wrong.interval[1] - found.baseline.wrong.interval[0] > 20


def test_models_that_are_wrong_on_the_same_examples_have_no_interval_of_their_difference() -> None:
    found = verdict(predictions(range(7)), predictions(range(7)))
    assert (found.fewer_wrong, found.fewer_wrong_interval, found.test.p_value) == (0.0, None, 1.0)


def test_no_error_among_the_examples_is_not_taken_for_no_error_at_all() -> None:
    """Without an error the bootstrap would say [0, 0]; the exact bound is 1 - 0.025 ** (1 / n) of the examples."""
    scores = verdict(predictions(range(7)), predictions(())).tuned
    bound = 1 - 0.025 ** (1 / N)
    assert scores.wrong.interval == pytest.approx((0, N * bound))
    assert scores.accuracy.interval == pytest.approx((1 - bound, 1))
    assert (scores.f1.mean, scores.f1.interval) == (1.0, None)


def test_a_single_example_has_exact_intervals_only() -> None:
    one = Predictions(predictions(()).probabilities[:, :1], COST)
    scores = reach_verdict(LABELS[:1], CLASSES, baseline=one, tuned=one, seed=1).tuned
    assert scores.wrong.interval == pytest.approx((0, 0.975))
    assert scores.f1.interval is None


def test_the_same_seed_gives_the_same_verdict_and_another_one_other_intervals() -> None:
    first, again, other = (verdict(uncertain(1), uncertain(2), seed) for seed in (1, 1, 2))
    assert first == again
    assert first.tuned.f1.interval != other.tuned.f1.interval
    assert first.test == other.test


def test_it_survives_json() -> None:
    for found in (verdict(uncertain(1), uncertain(2)), verdict(predictions(()), predictions(()))):
        assert Verdict.from_dict(json.loads(json.dumps(asdict(found)))) == found


@pytest.mark.parametrize("shape", [(N, 4), (1, N - 1, 4), (1, N, 3), (0, N, 4)])
def test_predictions_of_another_shape_are_refused(shape: Sequence[int]) -> None:
    with pytest.raises(ValueError, match=r"expected the shape \(seeds, 197, 4\)\. Received: "):
        verdict(Predictions(np.ones(shape), COST), predictions(()))


def test_predictions_that_are_no_probabilities_are_refused() -> None:
    given = predictions(())
    given.probabilities[0, 0, 0] = -2
    with pytest.raises(ConfigError, match=r"^model\.output: expected probabilities.* between -2 and 0\.85\.$"):
        verdict(given, predictions(()))


@pytest.mark.parametrize(
    ("baseline", "tuned", "parameters", "expected"),
    [
        (
            (range(12),),
            (range(1),),
            60_812,
            "The tuned model makes fewer errors than the baseline, 1 against 12 of 197, p < 0.001, with 4.2 times the "
            "parameters.",
        ),
        (
            (range(12),),
            (range(10, 14),),
            7_000,
            "The tuned model makes fewer errors than the baseline, 4 against 12 of 197, p = 0.039, with 52 % fewer "
            "parameters.",
        ),
        (
            (range(12),),
            (range(11),),
            29_240,
            "The tuned model makes fewer errors than the baseline, 11 against 12 of 197, with 2 times the parameters; "
            "but chance alone can make such a difference, p = 1.",
        ),
        (
            (range(3),),
            (range(5),),
            14_620,
            "The tuned model makes more errors than the baseline, 5 against 3 of 197, with as many parameters; but "
            "chance alone can make such a difference, p = 0.5.",
        ),
        (
            (range(1),),
            (range(12),),
            20_000,
            "The tuned model makes more errors than the baseline, 12 against 1 of 197, p < 0.001, with 37 % more "
            "parameters: the search did not help.",
        ),
        (
            (range(5),),
            (range(5, 10),),
            14_619,
            "The tuned model makes as many errors as the baseline, 5 of 197, with 0.0068 % fewer parameters.",
        ),
        (
            (range(12), range(14), range(10)),
            (range(1), range(3), range(2)),
            60_812,
            "The tuned model makes fewer errors than the baseline, 2 against 12 of 197, p = 0.002, with 4.2 times the "
            "parameters (medians over the seeds; the means are 2 against 12).",
        ),
        (
            (range(5), range(5), range(6)),
            (range(4), range(4), range(40)),
            14_620,
            "The tuned model makes fewer errors than the baseline, 4 against 5 of 197, with as many parameters; but "
            "chance alone can make such a difference, p = 1 (medians over the seeds; the means are 16 against 5.3).",
        ),
    ],
)
def test_the_verdict_in_words(
    baseline: tuple[Any, ...], tuned: tuple[Any, ...], parameters: int, expected: str
) -> None:
    assert in_words(verdict(predictions(*baseline), predictions(*tuned, parameters=parameters))) == expected
