"""The options of narrowing on the hyperparameters of a run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.narrowing.made_trials import RATE, narrowed
from toonvision.config.schema import NarrowingOptions
from toonvision.errors import ConfigError
from toonvision.narrowing.options import allows, option_problems, restrict


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantile": 0.0}, "quantile: expected a share between 0 and 1. Received: 0.0."),
        ({"quantile": 1.0}, "quantile: expected a share between 0 and 1. Received: 1.0."),
        ({"threshold": float("nan")}, "threshold: expected a finite number. Received: nan."),
        (
            {"accept": ["raet"]},
            r"accept: expected a hyperparameter of the run \(rate\). Received: 'raet'. Did you mean",
        ),
        ({"refuse": ["x"]}, "refuse: expected a hyperparameter of the run"),
    ],
)
def test_wrong_options_are_rejected(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        narrowed({"rate": RATE}, [], **options)


def test_options_are_restricted_to_the_remaining_hyperparameters() -> None:
    left = ["units_1", "activation"]
    assert restrict(NarrowingOptions(refuse=["units_2", "units_1"]), left).refuse == ["units_1"]
    assert restrict(NarrowingOptions(accept=["units_2", "activation"]), left).accept == ["activation"]
    nothing = restrict(NarrowingOptions(accept=["units_2"]), left)
    assert not any(allows(nothing, name) for name in left)
    assert option_problems(NarrowingOptions(accept=["units_1"]), left) == []
