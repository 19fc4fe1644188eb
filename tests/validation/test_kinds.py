"""Targets of the wrong kind are reported with their place."""

from __future__ import annotations

import pytest

from toonvision.validation.kinds import kind_problem


@pytest.mark.parametrize(
    ("target", "path", "message"),
    [
        ("optuna.samplers.TPESampler", "pruner", "a pruner, below optuna.pruners. Received: '{}', a sampler."),
        ("optuna.pruners.MedianPruner", "tuner.sampler", "a sampler, below optuna.samplers. Received: '{}', a pruner."),
        ("optuna.samplers.TPESampler", "tuner", "an oracle, below keras_tuner.oracles or toonvision.oracle. Rec"),
        ("keras.optimizers.Adam", "training.loss", "a loss, below keras.losses. Received: '{}', an optimizer."),
        ("keras.layers.Dense", "training.callbacks.x", "a callback, below keras.callbacks. Received: '{}', a layer."),
        ("toonvision.tracker.mlflow.MLflowTracker", "report.live.x", "a report, below toonvision.report. Received"),
    ],
)
def test_a_target_of_another_kind_is_called_that(target: str, path: str, message: str) -> None:
    assert str(kind_problem(target, path)).startswith(f"{path}._target_: expected {message.format(target)}")


@pytest.mark.parametrize("target", ["my_package.Pruner", "optuna.pruners.NopPruner"])
def test_a_target_of_the_kind_or_of_a_trusted_module_is_none_of_another(target: str) -> None:
    assert kind_problem(target, "pruner") is None
