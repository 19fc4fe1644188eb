"""Values of a configuration that do not fit together."""

from __future__ import annotations

import pytest

from tests.validation.wrong_config import changed, errors_in, errors_of


def test_a_sampler_for_one_objective_is_rejected_with_several() -> None:
    assert errors_of("tuner=cmaes", "objective=val_loss_and_parameters") == [
        "objective.also: expected no further objectives with optuna.samplers.CmaEsSampler, which searches for one. "
        "Received: {'parameters': 'min'}. For several: tuner=nsga2"
    ]


@pytest.mark.parametrize("sampler", ["tpe", {"seed": 1}])
def test_a_sampler_is_a_mapping_with_a_target(sampler: object) -> None:
    assert f"tuner.sampler: expected a mapping with the key _target_. Received: {sampler!r}." in errors_in(
        changed({"tuner.sampler": sampler})
    )


def test_one_of_the_rounds_has_the_tuner() -> None:
    messages = errors_in(changed({"strategy.rounds.refine": "${strategy.rounds.explore}"}, "strategy=coarse_to_fine"))
    assert any(
        message.startswith("strategy.rounds: expected one of the rounds to be ${tuner}.") for message in messages
    )


def test_one_round_has_no_narrowing_and_several_rounds_need_it() -> None:
    (message,) = errors_in(changed({"strategy.narrowing": {"quantile": 0.2}}))
    assert message.startswith("strategy.narrowing: expected null with one round, before which nothing is narrowed.")
    assert errors_in(changed({"strategy.narrowing": None}, "strategy=coarse_to_fine")) == [
        "strategy.narrowing: expected a mapping. Received: None."
    ]


def test_narrowing_names_hyperparameters() -> None:
    (message,) = errors_in(changed({"strategy.narrowing.refuse": ["conv_1_filter"]}, "strategy=coarse_to_fine"))
    assert message.startswith("strategy.narrowing.refuse: expected a hyperparameter of the run (")
    assert message.endswith("Received: 'conv_1_filter'. Did you mean 'conv_1_filters'?")
