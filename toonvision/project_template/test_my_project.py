"""The experiment is valid, and the examples, the layer and the metric are what they promise to be. Run: pytest."""

from __future__ import annotations

from pathlib import Path

import keras
import keras_tuner
import numpy as np
import pytest
from my_project import SPLITS, Cost, RadialBasis, examples

import toonvision

PROJECT = Path(__file__).parent


def test_the_experiment_is_valid_and_its_model_can_be_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)  # toonvision reads conf/ in the working directory
    monkeypatch.setenv("TOONVISION_TRUSTED", str(PROJECT))  # pytest runs the code of the project anyway
    hypermodel = toonvision.HyperModel(toonvision.compose(["experiment=mine"]))
    model = hypermodel.build(keras_tuner.HyperParameters())
    assert any(isinstance(layer, RadialBasis) for layer in model.layers)
    assert model.output_shape == (None, 2)


@pytest.mark.parametrize("split", SPLITS)
def test_the_examples_have_finite_numbers_and_two_classes(split: str) -> None:
    points, classes = examples(split, count=20, noise=0.1)
    assert points.shape == (20, 2)
    assert np.isfinite(points).all()
    assert set(classes) == {0, 1}


def test_an_example_is_near_to_a_center_and_far_from_another() -> None:
    layer = RadialBasis(units=2, width=1.0)
    layer.build((None, 2))
    layer.centers.assign([[0.0, 0.0], [9.0, 9.0]])
    np.testing.assert_allclose(layer(np.array([[0.0, 1.0]])), [[np.exp(-1), 0.0]], atol=1e-6)


def test_a_saved_model_has_the_layer_again(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), RadialBasis(units=3, width=0.5)])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    points, _ = examples("test", count=5, noise=0.1)
    np.testing.assert_array_equal(loaded.predict(points, verbose=0), model.predict(points, verbose=0))


def test_a_wrong_answer_costs_what_its_true_class_says() -> None:
    cost = Cost(costs=[1, 5])
    cost.update_state(np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]))
    assert float(cost.result()) == pytest.approx((1 + 5) / 4)
