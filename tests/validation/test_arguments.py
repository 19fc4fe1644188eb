"""Arguments of known targets that are out of bounds are reported with their place."""

from __future__ import annotations

import pytest

from tests.configuration import configured
from tests.validation.wrong_config import changed, errors_in
from toonvision.config.signature import signature
from toonvision.validation.arguments import ARGUMENTS

WHOLE, SEED = "a whole number of at least", "a whole number from 1 to 2147483647"
SIZE = "[height, width], two whole numbers from"
# The options that are chosen, a path, a wrong value, and what is expected in its place. One line a case.
WRONG = [
    (["tuner=hyperband"], "tuner.factor", 1, f"{WHOLE} 2"),
    (["tuner=hyperband"], "tuner.factor", 2.5, f"{WHOLE} 2"),
    (["tuner=hyperband"], "tuner.max_epochs", 0, f"{WHOLE} 1"),
    (["tuner=hyperband"], "tuner.hyperband_iterations", 0, f"{WHOLE} 1"),
    (["tuner=hyperband"], "tuner.max_consecutive_failed_trials", 0, f"{WHOLE} 1"),
    ([], "tuner.max_trials", 0, f"{WHOLE} 1, or null"),
    ([], "tuner.max_trials", "ten", f"{WHOLE} 1, or null"),
    ([], "tuner.max_trials", True, f"{WHOLE} 1, or null"),
    ([], "tuner.seed", -1, SEED),
    ([], "tuner.sampler.seed", 2**32, SEED),
    ([], "tuner.sampler.n_startup_trials", -1, f"{WHOLE} 0"),
    (["tuner=cmaes"], "tuner.sampler.popsize", 1, f"{WHOLE} 2, or null"),
    (["tuner=nsga2"], "tuner.sampler.population_size", 1, f"{WHOLE} 2"),
    (["tuner=qmc"], "tuner.sampler.qmc_type", "soboll", "one of sobol, halton"),
    (["tuner=bayesian"], "tuner.num_initial_points", 0, f"{WHOLE} 1, or null"),
    (["tuner=bayesian"], "tuner.alpha", 0, "a number above 0"),
    (["tuner=bayesian"], "tuner.beta", -0.1, "a number of at least 0"),
    (["tuner=random_search"], "tuner.max_trials", 1.5, f"{WHOLE} 1, or null"),
    (["tuner=grid_search"], "tuner.max_trials", -1, f"{WHOLE} 1, or null"),
    ([], "pruner.min_resource", 0, f"{WHOLE} 1, auto, or null"),
    ([], "pruner.min_resource", "all", f"{WHOLE} 1, auto, or null"),
    ([], "pruner.reduction_factor", 1, f"{WHOLE} 2"),
    (["pruner=hyperband"], "pruner.max_resource", 0, f"{WHOLE} 1, or auto"),
    (["pruner=hyperband"], "pruner.reduction_factor", 0, f"{WHOLE} 2"),
    (["pruner=hyperband"], "pruner.min_resource", -1, f"{WHOLE} 1"),
    (["pruner=median"], "pruner.n_startup_trials", -1, f"{WHOLE} 0"),
    (["pruner=median"], "pruner.n_warmup_steps", -1, f"{WHOLE} 0"),
    (["pruner=wilcoxon"], "pruner.p_threshold", 2, "a number between 0 and 1"),
    (["pruner=wilcoxon"], "pruner.p_threshold", 0, "a number between 0 and 1"),
    (["pruner=wilcoxon"], "pruner.n_startup_steps", -1, f"{WHOLE} 0"),
    ([], "dataset.image_size", [0, 0], f"{SIZE} 16 to 16384"),
    ([], "dataset.image_size", [150], f"{SIZE} 16 to 16384"),
    ([], "dataset.image_size", 150, f"{SIZE} 16 to 16384"),
    ([], "dataset.image_size", [150, 50.5], f"{SIZE} 16 to 16384"),
    ([], "dataset.image_size", [10**6, 50], f"{SIZE} 16 to 16384"),
    ([], "dataset.seed", "x", f"{WHOLE} 0"),
    ([], "dataset.seed", -1, f"{WHOLE} 0"),
    (["dataset=digits"], "dataset.image_size", [0, 8], f"{SIZE} 1 to 16384"),
    (["dataset=digits"], "dataset.validation_ratio", 0, "a number between 0 and 1"),
    (["dataset=digits"], "dataset.test_ratio", 1.0, "a number between 0 and 1"),
    (["dataset=mnist"], "dataset.train_size", 0, f"{WHOLE} 1, or null"),
    (["dataset=mnist"], "dataset.name", "minst", "one of cifar10, fashion_mnist, mnist"),
    (["dataset=image_directory", "dataset.path=."], "dataset.resize", "crob", "one of stretch, pad, crop"),
    (["dataset=image_directory", "dataset.path=."], "dataset.on_bad_image", "ignore", "one of raise, skip"),
    (["dataset=image_directory", "dataset.path=."], "dataset.path", "nowhere", "an existing folder"),
    ([], "training.optimizer.learning_rate", -1, "a finite number of at least 0"),
    ([], "training.optimizer.learning_rate", float("inf"), "a finite number of at least 0"),
    ([], "training.optimizer.learning_rate", float("nan"), "a finite number of at least 0"),
]


@pytest.mark.parametrize(("options", "path", "value", "expected"), WRONG)
def test_an_argument_out_of_bounds_is_reported_with_its_place(
    options: list[str], path: str, value: object, expected: str
) -> None:
    unused = {"search_space.learning_rate": 0.1} if "learning_rate" in path else {}
    messages = errors_in(changed({path: value, **unused}, *options))
    assert any(message.startswith(f"{path}: expected {expected}. Received: {value!r}") for message in messages)


def test_every_bounded_argument_is_one_of_its_target() -> None:
    for target, types in ARGUMENTS.items():
        accepted = signature(target)
        if not target.endswith("."):
            assert accepted is not None
            assert accepted.accepts_any or set(types) <= set(accepted.names), target


def test_shares_that_leave_no_training_examples_are_reported() -> None:
    changes = {"dataset.validation_ratio": 0.5, "dataset.test_ratio": 0.5}
    assert errors_in(changed(changes, "dataset=digits")) == [
        "dataset.validation_ratio and dataset.test_ratio: expected a sum below 1, so that training examples remain. "
        "Received: 0.5 + 0.5."
    ]


def test_a_problem_of_a_value_is_not_repeated_where_another_refers_to_it() -> None:
    assert errors_in(changed({"seed": 2**32 - 1})) == [f"seed: expected {SEED}. Received: {2**32 - 1}."]


@pytest.mark.parametrize("name", ["loss", "val_x"])
def test_a_metric_that_keras_has_itself_is_refused(name: str) -> None:
    config = changed({})
    config["training"]["metrics"][name] = {"_target_": "keras.metrics.MeanSquaredError"}
    assert any(message.startswith(f"training.metrics.{name}: expected another name") for message in errors_in(config))


def test_an_earlier_run_that_is_not_there_is_reported() -> None:
    (message,) = errors_in(changed({"warm_start": "nowhere"}))
    assert message.startswith("warm_start: expected an existing folder. Received: 'nowhere'")


def test_the_packaged_options_are_within_the_bounds() -> None:
    assert configured().seed == 42
