"""The arguments of an executor that are out of bounds."""

from __future__ import annotations

import pytest

from tests.configuration import composed
from toonvision.errors import ConfigError
from toonvision.validation.arguments import argument_problems
from toonvision.validation.validate import validate

RAY = "toonvision.executor.ray.RayExecutor"
GPUS = "executor.gpus_per_trial: expected null, a share between 0 and 1, or a whole number of GPUs."


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("workers", "two", "executor.workers: expected 'auto' or a whole number from 1 to 100000. Received: 'two'."),
        ("workers", 0, "executor.workers: expected 'auto' or a whole number from 1 to 100000. Received: 0."),
        ("workers", None, "executor.workers: expected 'auto' or a whole number from 1 to 100000. Received: None."),
        (
            "trials_per_worker",
            "auto",
            "executor.trials_per_worker: expected a whole number from 1 to 100000. Received: 'auto'.",
        ),
        ("gpus_per_trial", 1.5, f"{GPUS} Received: 1.5."),
        ("gpus_per_trial", -1, f"{GPUS} Received: -1."),
        ("gpus_per_trial", True, f"{GPUS} Received: True."),
    ],
)
def test_a_wrong_number_is_an_error_of_the_configuration(option: str, value: object, message: str) -> None:
    cfg = composed("executor=processes")
    cfg.executor[option] = value
    with pytest.raises(ConfigError) as raised:
        validate(cfg)
    assert str(raised.value) == message


@pytest.mark.parametrize("gpus", [None, 0, 0.25, 1, 2.0])
def test_valid_options_have_no_problems(gpus: float | None) -> None:
    options = {"workers": "auto", "trials_per_worker": 3, "gpus_per_trial": gpus, "address": "tcp://10.0.0.1:8786"}
    assert list(argument_problems(RAY, options, "executor")) == []


def test_every_wrong_option_is_a_problem() -> None:
    arguments = {"workers": 0, "cpus_per_trial": 1.5, "memory": True, "gpus_per_trial": 2.5}
    problems = list(argument_problems(RAY, arguments, "executor"))
    names = ("workers", "cpus_per_trial", "memory", "gpus_per_trial")
    assert [problem.path for problem in problems] == [f"executor.{name}" for name in names]
