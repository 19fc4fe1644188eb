"""A hypermodel with values that are chosen before; `tests/adoption/` runs it as a whole."""

from __future__ import annotations

from typing import Any

import keras
import keras_tuner
import numpy as np
import pytest

from tests.validation.wrong_config import changed
from toonvision.config.node import Node
from toonvision.config.schema import RunConfig
from toonvision.errors import ConfigError
from toonvision.training.adopted import adopted_model, check_names, fit_of, load_hypermodel
from toonvision.validation.validate import validate

MODELS = "tests.adopted_models"
FUNCTION = Node(f"{MODELS}.build_model", {"_partial_": True})
VALUES = {"num_layers": 1, "units_0": 7, "activation": "tanh", "dropout": True, "lr": 0.5, "units_1": None}


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOONVISION_TRUSTED", MODELS)


def test_the_values_are_used_whatever_the_function_declares() -> None:
    model = adopted_model(FUNCTION, VALUES)
    assert model.layers[0].units == 7
    assert float(np.asarray(model.optimizer.learning_rate)) == 0.5


@pytest.mark.parametrize(
    ("missing", "state"), [("units_0", "that it lacks"), ("units_1", "that is inactive for these values")]
)
def test_a_name_without_a_value_is_an_error(missing: str, state: str) -> None:
    values: dict[str, Any] = {**VALUES, "num_layers": 2, "units_1": 8}
    values = {**values, missing: None} if missing == "units_1" else {k: v for k, v in values.items() if k != missing}
    with pytest.raises(ConfigError, match=rf"a value for '{missing}'.*a name {state}"):
        adopted_model(FUNCTION, values)


def test_what_builds_no_model_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"^model\.hypermodel: expected a hypermodel that builds a keras\.Model"):
        adopted_model(Node(f"{MODELS}.nothing", {"_partial_": True}), {})


def test_what_is_no_hypermodel_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"a keras_tuner\.HyperModel, or a function build\(hp\) with _partial_"):
        load_hypermodel(Node("keras.optimizers.SGD"))


def test_the_keywords_that_a_fit_sets_itself_are_left_to_it() -> None:
    node = Node(f"{MODELS}.MyHyperModel", {"units": 5})
    model = adopted_model(node, {"optimizer": "sgd", "batch_size": 16, "shuffle": True})
    x, y = np.zeros((40, 30)), np.zeros(40, dtype=np.int64)
    steps: list[int] = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(batch))
    fit_of(model)(x, y, batch_size=4, epochs=1, callbacks=[count], verbose=0)
    assert len(steps) == 3  # of 16 examples
    assert fit_of(keras.Sequential()).__name__ == "fit"


def test_a_fit_that_needs_the_model_gets_it() -> None:
    model = adopted_model(Node(f"{MODELS}.OwnLoop"), {})
    fit_of(model)(np.zeros((8, 30)), np.zeros(8, dtype=np.int64), batch_size=4, epochs=1, verbose=0)
    assert float(np.asarray(model.optimizer.learning_rate)) == 0.25


def with_space(space: dict[str, Any], **changes: Any) -> RunConfig:
    spaces = {"search_space": space, "baseline": {name: VALUES.get(name, 16) for name in space}}
    model = {"name": "mine", "hypermodel": FUNCTION.to_mapping(), "output": {"_target_": "keras.layers.Dense"}}
    target = {"model": model}
    return validate(changed({**spaces, **target, "training.optimizer": None, **changes}))


SPACE: dict[str, Any] = {
    "num_layers": {"hp": "Int", "min_value": 1, "max_value": 3},
    "activation": "relu",
    "dropout": {"hp": "Boolean"},
    "lr": 0.1,
    **{f"units_{i}": {"hp": "Int", "min_value": 4, "max_value": 8} for i in range(3)},
}


def test_a_name_for_which_the_function_never_asks_is_an_error() -> None:
    check_names(with_space(SPACE))
    with pytest.raises(ConfigError, match=r"^search_space: expected names for which model\.hypermodel .*'unitz_0'"):
        check_names(with_space({**SPACE, "unitz_0": 8}))
    loop = {"model.hypermodel": {"_target_": f"{MODELS}.OwnLoop"}}  # whose fit may ask for any
    check_names(with_space(SPACE, **loop))
    used = {**SPACE, "batch_size": {"hp": "Choice", "values": [16, 32]}}
    check_names(with_space(used, **{"training.batch_size": "${search_space.batch_size}"}))
    no_corner = {**SPACE, "extra": {"hp": "Boolean", "when": {"num_layers": [2]}}}
    check_names(with_space(no_corner))


def test_a_name_for_which_the_function_asks_is_missed_before_a_trial() -> None:
    with pytest.raises(ConfigError, match="a value for 'units_2'"):
        check_names(with_space({name: entry for name, entry in SPACE.items() if name != "units_2"}))


def test_keras_tuners_own_applications_are_hypermodels() -> None:
    node = Node("keras_tuner.applications.HyperResNet", {"input_shape": [32, 32, 3], "classes": 4})
    assert isinstance(load_hypermodel(node), keras_tuner.applications.HyperResNet)
