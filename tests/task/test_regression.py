"""Numbers: the measures are scikit-learn's, and the output has the unit of the target."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from tests.verdict.made_models import COST
from toonvision.config.node import Node
from toonvision.dataset import load_dataset
from toonvision.errors import ConfigError
from toonvision.task import output_of
from toonvision.task.regression import Regression
from toonvision.verdict import Role, measured, reach_verdict

RNG = np.random.default_rng(1)
LABELS = RNG.normal((100, 5), (30, 1), size=(80, 2)).astype(np.float32)
GIVEN = LABELS + RNG.normal(0, (10, 0.5), size=(3, 80, 2))


def test_each_measure_is_that_of_scikit_learn() -> None:
    assert measured(Regression(), LABELS, GIVEN[0]) == pytest.approx(
        {
            "mae": mean_absolute_error(LABELS, GIVEN[0]),
            "rmse": root_mean_squared_error(LABELS, GIVEN[0]),
            "r2": r2_score(LABELS, GIVEN[0]),
        }
    )


def test_a_constant_target_explains_nothing() -> None:
    constant = np.ones((5, 1), dtype=np.float32)
    assert measured(Regression(), constant, constant + 0.5)["r2"] == 0.0


def test_the_interval_of_each_measure_holds_its_mean() -> None:
    role = Role(GIVEN, COST)
    found = reach_verdict(Regression(), LABELS, ("a", "b"), baseline=role, tuned=role, seed=1)
    for measure in found.tuned.measures.values():
        assert measure.interval is not None
        assert measure.interval[0] < measure.mean < measure.interval[1]
    assert (found.test, found.tuned.confusion) == (None, None)


def test_both_roles_are_compared_by_the_mean_absolute_error() -> None:
    worse = Role(LABELS + 2 * (GIVEN - LABELS), COST)
    found = reach_verdict(Regression(), LABELS, ("a", "b"), baseline=worse, tuned=Role(GIVEN, COST), seed=1)
    errors = [mean_absolute_error(LABELS, model) for model in GIVEN]
    assert found.tuned.measures["mae"].seeds == pytest.approx(errors)
    assert found.difference.value == pytest.approx(np.mean(errors))
    assert found.is_significant


def test_models_that_are_not_better_than_the_median_learned_nothing() -> None:
    median = np.broadcast_to(np.median(LABELS, axis=0), (2, 80, 2))
    role = Role(median, COST)
    found = reach_verdict(Regression(), LABELS, ("a", "b"), baseline=role, tuned=Role(GIVEN, COST), seed=1)
    assert (found.dead(found.baseline), found.dead(found.tuned)) == (2, 0)


def test_the_output_has_the_scale_of_the_train_labels() -> None:
    dataset = load_dataset(Node("toonvision.dataset.diabetes.load"))
    output = output_of(Regression(), dataset)
    assert output.units == 1
    assert output.scale == pytest.approx((dataset.train.y.std(),), rel=1e-4)
    assert output.offset == pytest.approx((dataset.train.y.mean(),), rel=1e-4)


def test_a_prediction_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^model\.output: expected finite numbers"):
        measured(Regression(), LABELS, np.full((80, 2), np.inf))


def test_labels_are_floats_for_each_name() -> None:
    assert Regression().fits(LABELS, ("a", "b"))
    assert not Regression().fits(LABELS, ("a",))
    assert not Regression().fits(LABELS.astype(np.int64), ("a", "b"))
    assert not Regression().fits(LABELS[:, 0], ("a",))
