"""Macro F1 as a Keras metric: of whole epochs, with the classes that scikit-learn counts."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.metrics import f1_score

from tests.configuration import configured
from toonvision.config.node import instantiate
from toonvision.metric import MacroF1


def unbalanced(n: int = 203, n_classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Return labels of classes from frequent to rare, and probabilities that lean towards them."""
    rng = np.random.default_rng(n)
    labels = rng.choice(n_classes, size=n, p=np.array([60, 25, 10, 4, 1]) / 100)
    scores = rng.normal(size=(n, n_classes)) + 1.5 * np.eye(n_classes)[labels]
    exponents = np.exp(scores)
    return labels, (exponents / exponents.sum(axis=1, keepdims=True)).astype(np.float32)


def of_batches(labels: np.ndarray, probabilities: np.ndarray, size: int) -> float:
    metric = MacroF1()
    for start in range(0, len(labels), size):
        metric.update_state(labels[start : start + size], probabilities[start : start + size])
    return float(metric.result())


@pytest.mark.parametrize("size", [1, 32, 203])
def test_it_is_scikit_learns_over_all_batches(size: int) -> None:
    labels, probabilities = unbalanced()
    expected = f1_score(labels, probabilities.argmax(axis=1), average="macro")
    assert of_batches(labels, probabilities, size) == pytest.approx(expected, abs=1e-6)


def test_it_is_not_the_mean_over_batches() -> None:
    labels, probabilities = unbalanced()
    batches = [f1_score(labels[i : i + 32], probabilities[i : i + 32].argmax(axis=1), average="macro") for i in (0, 32)]
    assert of_batches(labels[:64], probabilities[:64], 32) != pytest.approx(np.mean(batches), abs=1e-3)


def test_a_class_that_neither_occurs_nor_is_predicted_does_not_count() -> None:
    labels, probabilities = np.array([0, 0, 1]), np.eye(4, dtype=np.float32)[[0, 1, 1]]
    expected = f1_score(labels, [0, 1, 1], average="macro")
    assert of_batches(labels, probabilities, 2) == pytest.approx(expected, abs=1e-6)


def test_of_classes_with_the_same_probability_one_is_predicted() -> None:
    labels, probabilities = np.array([0, 1, 2]), np.full((3, 3), 1 / 3, dtype=np.float32)
    expected = f1_score(labels, [0, 0, 0], average="macro")
    assert of_batches(labels, probabilities, 3) == pytest.approx(expected, abs=1e-6)


def test_weights_count_examples_several_times() -> None:
    labels, probabilities = unbalanced(40)
    weights = np.arange(40) % 3 + 1
    metric = MacroF1()
    metric.update_state(labels, probabilities, sample_weight=weights)
    expected = f1_score(labels, probabilities.argmax(axis=1), average="macro", sample_weight=weights)
    assert float(metric.result()) == pytest.approx(expected, abs=1e-6)


def test_an_epoch_begins_afresh() -> None:
    labels, probabilities = unbalanced()
    metric = MacroF1()
    metric.update_state((labels + 1) % 5, probabilities)
    metric.reset_state()
    metric.update_state(labels, probabilities)
    assert float(metric.result()) == pytest.approx(of_batches(labels, probabilities, 203))


def test_a_model_evaluates_with_it_and_is_loaded_with_it(tmp_path: Path) -> None:
    labels, probabilities = unbalanced()
    model = keras.Sequential([keras.layers.Input((5,)), keras.layers.Softmax()])
    model.compile(loss="sparse_categorical_crossentropy", metrics=[MacroF1()])
    model.save(tmp_path / "model.keras")
    expected = f1_score(labels, probabilities.argmax(axis=1), average="macro")
    for evaluated in (model, keras.models.load_model(tmp_path / "model.keras")):
        scores = evaluated.evaluate(np.log(probabilities), labels, batch_size=32, verbose=0, return_dict=True)
        assert scores["macro_f1"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("others", [[], ["dataset=digits", "tuner=hyperband", "training.class_weight=balanced"]])
def test_the_objective_brings_its_metric_along(others: list[str]) -> None:
    config = configured("objective=val_macro_f1", *others)
    assert (config.objective.name, config.objective.direction) == ("val_macro_f1", "max")
    metrics = config.default_trial.training.metrics
    assert list(metrics) == ["accuracy", "macro_f1"]
    metric = instantiate(metrics["macro_f1"], "training.metrics.macro_f1", name="macro_f1")
    assert isinstance(metric, MacroF1)
    assert metric.name == "macro_f1"


def test_another_objective_does_without_the_metric() -> None:
    assert list(configured("objective=val_accuracy").default_trial.training.metrics) == ["accuracy"]
