"""`toonvision adopt`: from a hypermodel to options that compose, search, and build the same models."""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import pytest

import toonvision
from tests import adopted_models
from toonvision import cli
from toonvision.adoption.adopt import lines
from toonvision.adoption.exploration import Exploration
from toonvision.config.compose import compose
from toonvision.errors import ConfigError
from toonvision.search_space.space import complete, defaults
from toonvision.task import Output
from toonvision.training.model import Interface, build_model
from toonvision.validation.validate import validate

MODELS = "tests.adopted_models"
TABLE = ("dataset=breast_cancer",)


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOONVISION_TRUSTED", MODELS)


def adopted(name: str, *words: str) -> int:
    return cli.main(["adopt", f"{MODELS}.{name}", *words])


def test_the_options_compose_and_build_what_the_function_builds(capsys: pytest.CaptureFixture[str]) -> None:
    assert adopted("build_model", "--name", "mine") == 0
    shown = capsys.readouterr().out
    assert "7 hyperparameters, 2 of them conditional" in shown
    files = ("model/mine", "search_space/mine", "search_space/mine_baseline", "experiment/mine")
    assert all(f"conf/{file}.yaml" in shown and Path(f"conf/{file}.yaml").is_file() for file in files)
    config = validate(compose(["experiment=mine", *TABLE]))
    values = {**defaults(config.search_space), "num_layers": 2, "units_1": 64, "lr": 0.002}
    model = build_model(config.resolve(complete(config.search_space, values)), Interface((30,), Output(2)))
    hp = keras_tuner.HyperParameters()
    hp.values = {"num_layers": 2, "units_1": 64, "lr": 0.002}
    assert [w.shape for w in model.weights] == [w.shape for w in adopted_models.build_model(hp).weights]
    assert float(np.asarray(model.optimizer.learning_rate)) == pytest.approx(0.002)  # its own
    assert isinstance(model.loss, keras.losses.SparseCategoricalCrossentropy)  # the task's


def test_ranges_can_be_overridden_and_values_pinned_beyond_the_function() -> None:
    adopted("build_model", "--name", "mine")
    units = ("search_space.units_0.min_value=7", "search_space.units_0.max_value=9", "search_space.units_0.step=2")
    fixed = ("search_space.num_layers=2", "search_space.units_1=7")
    config = validate(compose(["experiment=mine", *TABLE, *units, *fixed]))
    values = complete(config.search_space, {**defaults(config.search_space), "units_0": 9})
    model = build_model(config.resolve(values), Interface((30,), Output(2)))
    assert [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)] == [9, 7, 2]


def test_a_name_that_the_space_lacks_is_an_error() -> None:
    adopted("build_model", "--name", "mine")
    config = validate(compose(["experiment=mine", *TABLE, "~search_space.lr", "~baseline.lr"]))
    with pytest.raises(ConfigError, match=r"^search_space: expected a value for 'lr', for which model\.hypermodel"):
        build_model(config.default_trial, Interface((30,), Output(2)))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tests.built_models.nothing"], "TARGET._target_: expected an import path in"),
        ([f"{MODELS}.build_modell"], "Did you mean 'build_model'?"),
        ([f"{MODELS}.nothing"], "model.hypermodel: expected a hypermodel that builds a keras.Model. Received: None."),
        ([f"{MODELS}.MyHyperModel", "units"], "expected KEY=VALUE. Received: 'units'"),
        ([f"{MODELS}.INPUTS"], "TARGET._target_"),
    ],
)
def test_what_cannot_be_adopted_is_one_message(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["adopt", *words]) == 2
    assert message in capsys.readouterr().err


def test_weights_that_cannot_be_downloaded_are_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["adopt", f"{MODELS}.pretrained"]) == 1
    assert capsys.readouterr().err.startswith("toonvision: tests.adopted_models.pretrained: expected a model of the")


def test_a_function_of_a_trusted_project_is_adopted_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOONVISION_TRUSTED", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    Path("adopted_project.py").write_text(Path(adopted_models.__file__).read_text())
    assert cli.main(["adopt", "adopted_project.scoped"]) == 2
    assert "toonvision trust" in capsys.readouterr().err
    assert cli.main(["trust"]) == 0
    assert cli.main(["adopt", "adopted_project.scoped"]) == 0
    assert Path("conf/experiment/scoped.yaml").is_file()


def test_options_that_are_there_stay(capsys: pytest.CaptureFixture[str]) -> None:
    adopted("scoped")
    before = Path("conf/search_space/scoped.yaml").read_text()
    assert adopted("scoped") == 2
    assert "expected a name without options. Received: conf/model/scoped.yaml" in capsys.readouterr().err
    assert Path("conf/search_space/scoped.yaml").read_text() == before


def test_an_output_of_other_units_than_the_dataset_needs_is_an_error() -> None:
    adopted("scoped")
    config = validate(compose(["experiment=scoped", *TABLE]))
    with pytest.raises(ConfigError, match=r"model\.hypermodel: expected an output of 3 units"):
        build_model(config.default_trial, Interface((30,), Output(3)))


def test_the_packaged_example_is_what_adopt_writes() -> None:
    assert cli.main(["adopt", "toonvision.training.guide_model.build", "--name", "adopted"]) == 0
    packaged = Path(toonvision.__file__).parents[1] / "conf"
    for file in ("model/adopted.yaml", "search_space/adopted.yaml", "search_space/adopted_baseline.yaml"):
        assert Path("conf", file).read_text() == (packaged / file).read_text()


def test_the_lines_say_what_was_found_and_what_comes_next() -> None:
    space = {"a": {"hp": "Boolean"}, "b": {"hp": "Int", "min_value": 1, "max_value": 2}, "c": 3}
    found = Exploration(space, {}, 9, ("too small",), is_compiled=True, without_fit="no model")
    said = lines(found, [Path("conf/model/mine.yaml")])
    assert said[0] == "2 hyperparameters, 0 of them conditional, by 9 builds."
    assert any("too small" in line for line in said)
    assert any("no model" in line for line in said)
    assert said[-1] == "  toonvision experiment=mine"


SHORT = (
    *("training.epochs=2", "tuner=random_search", "pruner=none", "tuner.max_trials=2", "finalists.count=0"),
    "executor=inline",
)
RETRAIN = ("training.retrain.seeds=1", "training.retrain.epochs=2")


@pytest.mark.training
@pytest.mark.parametrize(
    ("name", "more"),
    [("build_model", ()), ("MyHyperModel", ()), ("own_step", ("training.loss=null", "objective=val_accuracy"))],
)
def test_an_adopted_model_is_searched_judged_and_resumed(name: str, more: tuple[str, ...]) -> None:
    adopted(name, "--name", "mine")
    results = toonvision.run(compose(["experiment=mine", *TABLE, *SHORT, *RETRAIN, *more]), "run")
    assert len(results.completed) == 2
    assert results.comparison is not None
    if name == "build_model":
        assert len(toonvision.resume("run", ["tuner.max_trials=3"]).completed) == 3
