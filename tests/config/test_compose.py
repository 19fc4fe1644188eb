"""Composing, resolving and instantiating: what a user of Hydra expects, and what an attacker does not."""

from __future__ import annotations

import base64
import functools
import marshal
import os
import pickle
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

from toonvision.config.allowlist import TRUSTED_VARIABLE, trust
from toonvision.config.compose import (
    Config,
    Resolver,
    code_errors,
    compose,
    instantiate,
    paths,
    plain,
    register_search_path,
    resolve,
    resolve_part,
    targets,
    unresolved,
)
from toonvision.errors import ConfigError
from toonvision.search_space import space as search_space
from toonvision.validation.validate import validate

LAYER = "model.blocks.block_1.layers.dropout"


@pytest.fixture
def options(tmp_path: Path) -> Path:
    """The folder of configs of the working directory, which is each test's own."""
    (tmp_path / "conf" / "experiment").mkdir(parents=True)
    return tmp_path / "conf"


def write_experiment(options: Path, text: str) -> None:
    (options / "experiment" / "mine.yaml").write_text(f"# @package _global_\n{text}")


def config(**groups: Any) -> Config:
    """Return the least that `resolve` needs."""
    mappings = ("dataset", "model", "training", "objective", "constraints", "search_space")
    return {"seed": 1, "backend": "jax", **{name: {} for name in mappings}, **groups}


# --- composing ---


def test_the_defaults_compose() -> None:
    cfg = compose()
    assert cfg.seed == 42
    assert cfg.model.name == "toonvision_cnn"
    assert "hydra" not in cfg


def test_a_group_and_a_key_are_overridden() -> None:
    cfg = compose(["dataset=digits", "training.epochs=3", "search_space.learning_rate=0.5"])
    assert cfg.dataset._target_ == "toonvision.dataset.digits.load"
    assert (cfg.training.epochs, cfg.search_space.learning_rate) == (3, 0.5)


def test_a_model_comes_with_its_own_space_and_baseline() -> None:
    cfg = compose(["model=deep_cnn"])
    assert set(cfg.search_space) == set(cfg.baseline)
    assert cfg.baseline.n_blocks == 2


def test_one_side_of_a_range_is_overridden() -> None:
    entry = compose(["search_space.conv_1_filters.max_value=32"]).search_space.conv_1_filters
    assert entry == {"hp": "Int", "min_value": 4, "max_value": 32, "step": 4}


def test_composing_leaves_hydra_as_it_was() -> None:
    compose()
    assert not GlobalHydra.instance().is_initialized()


def test_an_option_of_the_working_directory_composes(options: Path) -> None:
    (options / "tuner").mkdir()
    (options / "tuner" / "mine.yaml").write_text("_target_: keras_tuner.oracles.RandomSearchOracle\nmax_trials: 3\n")
    assert validate(compose(["tuner=mine"]))["tuner"]["max_trials"] == 3


def test_an_option_of_the_working_directory_extends_a_packaged_one(options: Path) -> None:
    write_experiment(options, "defaults:\n  - override /dataset: digits\ntraining:\n  epochs: 7\n")
    cfg = compose(["experiment=mine"])
    assert (cfg.dataset._target_, cfg.training.epochs) == ("toonvision.dataset.digits.load", 7)


def test_a_working_directory_without_configs_composes(tmp_path: Path) -> None:
    assert not (tmp_path / "conf").exists()
    compose()


def test_registering_the_search_path_twice_adds_it_once(options: Path) -> None:
    register_search_path()
    register_search_path()
    with pytest.raises(ConfigError) as raised:
        compose(["experiment=nowhere"])
    sources = raised.value.__cause__
    assert str(sources).count(f"file://{options}") == 1


@pytest.mark.parametrize("relative", [True, False])
def test_a_finished_run_is_a_source_of_configs(tmp_path: Path, relative: bool) -> None:
    folder = tmp_path / "outputs" / "latest" / "search_space"
    folder.mkdir(parents=True)
    best = plain(compose())["baseline"] | {"conv_1_filters": 12}
    (folder / "best.yaml").write_text(OmegaConf.to_yaml(OmegaConf.create(best)))
    source = "outputs/latest" if relative else folder.parent
    cfg = compose([f"hydra.searchpath=[file://{source}]", "search_space=best"])
    assert cfg.search_space.conv_1_filters == 12
    assert validate(cfg)["search_space"] == best


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("dataset=digts", r"^dataset: expected one of .*digits.* Received: 'digts'\. Did you mean 'digits'\?"),
        ("training.epocs=3", r"Could not override 'training\.epocs'.*Did you mean 'epochs'\?"),
        ("datset=digits", r"Could not override 'datset'.*Did you mean 'dataset'\?"),
        ("search_space.conv_1_filter=8", r"'search_space\.conv_1_filter'.*Did you mean 'conv_1_filters'\?"),
        ("~training.epocs", r"Could not delete from config\. 'training\.epocs'"),
        ("training=null", r"expected group=option or key=value\. Received: \['training=null'\]"),
        ("training.epochs", r"training\.epochs"),
        ("tuner=random_search,bayesian", r"Ambiguous value for argument 'tuner=random_search,bayesian'"),
        ("seed='${oops'", r"seed"),
    ],
)
def test_an_override_that_does_not_fit_is_explained(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        compose([override])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: 1\nseed: 2\n", r"found duplicate key seed.*mine\.yaml"),
        ("seed: [1\n", r"mine\.yaml.*expected ',' or '\]'"),
        ("seed: !!python/object/apply:os.getpid []\n", r"could not determine a constructor for the tag"),
        ("- 1\n", r"experiment/mine"),
        ("defaults:\n  - override /datset: digits\n", r"datset"),
    ],
)
def test_a_file_that_does_not_fit_is_explained(options: Path, text: str, message: str) -> None:
    write_experiment(options, text)
    with pytest.raises(ConfigError, match=message):
        compose(["experiment=mine"])


def test_a_file_that_is_no_text_is_explained(options: Path) -> None:
    (options / "experiment" / "mine.yaml").write_bytes(b"seed: \xff\n")
    with pytest.raises(ConfigError, match=r"experiment=mine.*can't decode"):
        compose(["experiment=mine"])


# --- plain containers ---


def test_plain_leaves_interpolations_and_drops_hydra() -> None:
    cfg = OmegaConf.create({"hydra": {"a": 1}, "x": "${y}", "y": [1, {"z": 2}]})
    assert plain(cfg) == {"x": "${y}", "y": [1, {"z": 2}]}


def test_plain_copies() -> None:
    given: Config = {"x": {"y": [1]}}
    plain(given)["x"]["y"].append(2)
    assert given == {"x": {"y": [1]}}


# --- resolving ---


def test_a_value_of_the_space_is_put_wherever_it_is_referred_to() -> None:
    groups = {
        "dataset": {"ratio": "${search_space.a}"},
        "model": {"blocks": {"x": {"sizes": [1, "${search_space.a}"], "units": "${search_space.b}"}}},
        "training": {"optimizer": {"_target_": "keras.optimizers.${search_space.c}"}},
    }
    resolved = resolve(config(**groups), {"a": 0.5, "b": None, "c": "SGD"})
    assert resolved["dataset"]["ratio"] == 0.5
    assert resolved["model"]["blocks"]["x"] == {"sizes": [1, 0.5], "units": None}
    assert resolved["training"]["optimizer"]["_target_"] == "keras.optimizers.SGD"
    assert resolved["search_space"] == {"a": 0.5, "b": None, "c": "SGD"}


def test_interpolations_follow_each_other_and_are_relative_where_they_begin_with_dots() -> None:
    block = {"units": "${search_space.a}", "layers": {"dense": {"units": "${...units}"}}}
    resolved = resolve(config(model={"x": block}), {"a": 3})
    assert resolved["model"]["x"]["layers"]["dense"]["units"] == 3


def test_a_trial_may_refer_to_what_is_not_its_own() -> None:
    assert resolve(config(training={"epochs": "${tuner.max_epochs}"}, tuner={"max_epochs": 9}), {})["training"] == {
        "epochs": 9
    }


def test_a_resolved_configuration_is_plain_and_pickles() -> None:
    validated = validate(compose())
    resolved = resolve(validated, search_space.defaults(validated["search_space"]))
    assert pickle.loads(pickle.dumps(resolved)) == resolved
    allowed = (dict, list, str, int, float, bool, type(None))
    assert all(type(leaf) in allowed for _, leaf in paths(resolved))
    groups = {"seed", "backend", "dataset", "model", "training", "objective", "constraints", "search_space"}
    assert set(resolved) == groups


@pytest.mark.parametrize(
    "leaf",
    [
        *("${search_space.a}", "${search_space.a}/${search_space.c}", "${.sizes}", "${search_space}", "a $ b"),
        *("${oc.select:search_space.a}", "${oc.dict.values:search_space}", "${training.${search_space.c}.x}", 3),
    ],
)
@pytest.mark.parametrize("values", [{"a": 0.5, "c": "SGD"}, {"a": None, "c": "Adam"}, {"a": [1, 2], "c": "SGD"}])
def test_many_are_resolved_as_one_is(leaf: object, values: search_space.Values) -> None:
    training = {"leaf": leaf, "sizes": [1, "${search_space.a}"], "SGD": {"x": 1}, "Adam": {"x": "${search_space.a}"}}
    given = config(training=training, search_space={"a": None, "c": None})
    resolver = Resolver(given)
    for one in (values, {"a": True, "c": "Adam"}, values):
        assert resolver(one) == resolve(given, one)
    assert list(resolver(values)) == list(resolve(given, values))


def test_resolving_leaves_the_configuration_as_it_was() -> None:
    given = config(training={"epochs": "${search_space.a}"}, search_space={"a": {"hp": "Boolean"}})
    resolve(given, {"a": 1})
    assert given["training"] == {"epochs": "${search_space.a}"}
    assert given["search_space"] == {"a": {"hp": "Boolean"}}


def test_every_interpolation_to_nowhere_is_named_with_the_nearest_key() -> None:
    wrong = config(
        training={"epochs": 3, "twice": "${training.epoch}"}, dataset={"path": "???", "size": ["${nowhere.x}"]}
    )
    with pytest.raises(ConfigError) as raised:
        resolve(wrong, {})
    assert str(raised.value).splitlines() == [
        "dataset.path: expected a value. Received: none; set it with dataset.path=VALUE.",
        "dataset.size[0]: Interpolation key 'nowhere.x' not found. Received: '${nowhere.x}'.",
        "training.twice: Interpolation key 'training.epoch' not found. Received: '${training.epoch}'. "
        "Did you mean 'epochs'?",
    ]


@pytest.mark.parametrize(
    "text", ["${nowhere}", "${.nowhere}", "${....x}", "${unknown:1}", "${oc.env:NOT_SET}", "${a.${b}}"]
)
def test_an_interpolation_that_cannot_be_resolved_names_its_key(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^training\.epochs: "):
        resolve(config(training={"epochs": text}), {})


def test_an_interpolation_in_a_circle_names_its_key() -> None:
    with pytest.raises(ConfigError, match=r"training\.a"):
        resolve(config(training={"a": "${training.b}", "b": "${training.a}"}), {})


def test_the_environment_is_read() -> None:
    assert resolve_part({"training": {"path": "${oc.env:PATH}"}}, "training") == {"path": os.environ["PATH"]}


def test_one_group_is_resolved_without_values_of_the_space() -> None:
    assert resolve_part({"tuner": {"seed": "${seed}"}, "seed": 4, "x": "${nowhere}"}, "tuner") == {"seed": 4}


def test_a_single_value_is_resolved() -> None:
    assert resolve_part({"a": "${b}", "b": 4}, "a") == 4


def test_nothing_is_said_of_what_resolves() -> None:
    assert unresolved(config(training={"a": "${seed}", "b": None, "c": "text"}), ("training", "seed")) == []


def test_every_leaf_has_its_path() -> None:
    node = {"a": 1, "b": [2, {"c": None}], "d": {}, "e": []}
    assert list(paths(node)) == [("a", 1), ("b[0]", 2), ("b[1].c", None)]


def test_every_target_is_found_at_any_depth() -> None:
    node = {"_target_": "a", "x": [{"_target_": "b", "y": {"_target_": "c"}}, [{"_target_": "d"}]], "z": {"n": 1}}
    assert [(path, found["_target_"]) for path, found in targets(node, "g")] == [
        ("g", "a"),
        ("g.x[0]", "b"),
        ("g.x[0].y", "c"),
        ("g.x[1][0]", "d"),
    ]


# --- instantiating ---


@dataclass
class Held:
    """What stands for an argument that is no plain data, and for a class that a user trusts."""

    value: Any
    more: Any = None


@pytest.fixture
def _this_module_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, "")
    monkeypatch.setitem(sys.modules, "test_config", sys.modules[__name__])
    trust("test_config")


@pytest.mark.usefixtures("_this_module_is_trusted")
class TestInstantiate:
    def test_a_target_is_called_with_the_other_keys(self) -> None:
        assert instantiate({"_target_": "test_config.Held", "value": [1, {"a": 2}]}, "x") == Held([1, {"a": 2}])

    def test_what_it_is_given_is_plain(self) -> None:
        held = instantiate({"_target_": "test_config.Held", "value": {"a": [1]}}, "x")
        assert type(held.value) is dict
        assert type(held.value["a"]) is list

    def test_nested_targets_are_called_first(self) -> None:
        inner = {"_target_": "test_config.Held", "value": 1}
        held = instantiate({"_target_": "test_config.Held", "value": inner, "more": [inner]}, "x")
        assert held == Held(Held(1), [Held(1)])

    def test_further_arguments_are_passed_as_they_are(self) -> None:
        argument = Held({"a": 1})
        held = instantiate({"_target_": "test_config.Held", "value": 1}, "x", more=argument)
        assert held.more is argument

    def test_a_partial_target_is_called_later(self) -> None:
        call = instantiate({"_target_": "test_config.Held", "_partial_": True, "value": 1}, "x", more=2)
        assert isinstance(call, functools.partial)
        assert call() == Held(1, 2)

    def test_arguments_by_position_are_passed(self) -> None:
        assert instantiate({"_target_": "test_config.Held", "_args_": [1, 2]}, "x") == Held(1, 2)


# A function that writes the file `ran` into the working directory, as Keras's Lambda layer keeps one.
PAYLOAD = base64.b64encode(marshal.dumps(compile("open('ran', 'w')", "payload", "eval"))).decode()
HIDDEN = "${oc.create:${oc.decode:'{_target_: os.mkdir, path: ran}'}}"
DENSE = {"_target_": "keras.layers.Dense", "units": 3}


@pytest.mark.parametrize(
    "node",
    [
        {"_target_": "os.mkdir", "path": "ran"},
        {**DENSE, "name": {"_target_": "os.mkdir", "path": "ran"}},
        {**DENSE, "name": [[{"a": {"_target_": "os.mkdir", "path": "ran"}}]]},
        {**DENSE, "_recursive_": False, "name": {"_target_": "os.mkdir", "path": "ran"}},
        {"_target_": "os.mkdir", "_partial_": True, "path": "ran"},
        {"_target_": "os.mkdir", "_args_": ["ran"]},
        {**DENSE, "name": HIDDEN},
        {**DENSE, "name": [f"a{HIDDEN}"]},
        {"_target_": "${oc.decode:os.mkdir}", "path": "ran"},
        {
            "_target_": "keras.layers.Lambda",
            "function": {"_target_": "keras.src.utils.python_utils.func_load", "code": PAYLOAD},
        },
        {"_target_": "keras.src.utils.python_utils.func_load", "code": PAYLOAD},
        {**DENSE, "activation": {"class_name": "__lambda__", "config": {"value": PAYLOAD}}},
        {**DENSE, "activation": {"module": "os", "class_name": "function", "config": "mkdir", "registered_name": "x"}},
        {"_target_": "keras.saving.deserialize_keras_object", "config": {"a": 1}, "safe_mode": False},
        {"_target_": "keras.layers.deserialize", "config": {"a": 1}},
        {"_target_": "keras.config.enable_unsafe_deserialization"},
        {"_target_": "keras.models.load_model", "filepath": "x.keras", "safe_mode": False},
        {"_target_": "keras.utils.get_file", "origin": "file:///etc/passwd", "fname": "ran", "cache_dir": "."},
        {"_target_": "keras.callbacks.BackupAndRestore", "backup_dir": "."},
        {"_target_": "toonvision.config.compose.instantiate", "node": {"a": 1}, "where": "x"},
        {"_target_": "toonvision.dataset.dataset.instantiate", "node": {"a": 1}, "where": "x"},
        {"_target_": "hydra.utils.instantiate", "config": {"a": 1}},
        {"_target_": "functools.partial", "func": "os.mkdir"},
        {"_target_": None},
        {"_target_": {"_target_": "os.mkdir"}},
    ],
)
def test_what_would_run_code_is_refused_before_anything_runs(node: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^x"):
        instantiate(node, "x")
    assert list(tmp_path.iterdir()) == []


def test_every_refusal_of_a_node_is_told_at_once() -> None:
    errors = code_errors({"a": {"_target_": "os.mkdir"}, "b": [HIDDEN], "c": {"class_name": "X", "config": {}}}, "x")
    assert [message.partition(": ")[0] for message in errors] == ["x.a._target_", "x.b[0]", "x.c.class_name"]


FOREIGN = "{_target_: os.mkdir, path: ran}"
EVERYWHERE = [
    (f"+{LAYER}.name={FOREIGN}", f"{LAYER}.name"),
    (f"+{LAYER}.dtype=[{FOREIGN}]", f"{LAYER}.dtype[0]"),
    (f"{LAYER}._target_=os.mkdir", LAYER),
    (f"+training.callbacks.x={FOREIGN}", "training.callbacks.x"),
    (f"+training.callbacks.early_stopping.mode={FOREIGN}", "training.callbacks.early_stopping.mode"),
    (f"training.optimizer.learning_rate={FOREIGN}", "training.optimizer.learning_rate"),
    (f"+training.metrics.x={FOREIGN}", "training.metrics.x"),
    ("training.loss._target_=os.mkdir", "training.loss"),
    (f"+training.retrain.callbacks.x={FOREIGN}", "training.retrain.callbacks.x"),
    ("dataset._target_=os.mkdir", "dataset"),
    (f"dataset.image_size=[{FOREIGN}, 1]", "dataset.image_size[0]"),
    ("tuner._target_=os.mkdir", "tuner"),
    (f"tuner.seed={FOREIGN}", "tuner.seed"),
    ("executor._target_=os.mkdir", "executor"),
    (f"budget.trials={FOREIGN}", "budget.trials"),
    ("storage._target_=os.mkdir", "storage"),
    (f"storage.url={FOREIGN}", "storage.url"),
    (f"+report.formats.x={FOREIGN}", "report.formats.x"),
    (f"+report.live.x={FOREIGN}", "report.live.x"),
    (f"+model.blocks.x={{layers: {{y: {FOREIGN}}}}}", "model.blocks.x.layers.y"),
    ("model.output._target_=os.mkdir", "model.output"),
]


@functools.cache
def everywhere() -> str:
    """Return what is said of a foreign target in every group at once."""
    with pytest.raises(ConfigError) as raised:
        validate(compose([override for override, _ in EVERYWHERE]))
    return str(raised.value)


@pytest.mark.parametrize("place", [place for _, place in EVERYWHERE])
def test_a_foreign_target_is_refused_in_every_group(place: str) -> None:
    assert re.search(rf"- {re.escape(place)}\._target_: expected .* Received: 'os\.mkdir'\.", everywhere())


def test_a_target_that_only_one_choice_of_the_space_leads_to_is_refused(options: Path) -> None:
    write_experiment(
        options,
        "search_space:\n  optimizer: {hp: Choice, values: [keras.optimizers.Adam, os.mkdir]}\n"
        "baseline:\n  optimizer: keras.optimizers.Adam\n"
        "training:\n  optimizer:\n    _target_: ${.name}\n    name: ${search_space.optimizer}\n",
    )
    with pytest.raises(ConfigError, match=r"training\.optimizer\._target_: .* Received: 'os\.mkdir'\."):
        validate(compose(["experiment=mine"]))


def test_a_target_that_hides_until_a_second_resolution_is_refused(options: Path) -> None:
    write_experiment(
        options, f'model:\n  blocks:\n    block_1:\n      layers:\n        dropout:\n          name: "\\\\{HIDDEN}"\n'
    )
    with pytest.raises(ConfigError, match=rf"^{LAYER}\.name: expected a value with nothing left to resolve"):
        validate(compose(["experiment=mine"]))


def test_a_target_that_an_interpolation_creates_is_refused(options: Path) -> None:
    write_experiment(
        options, f'model:\n  blocks:\n    block_1:\n      layers:\n        dropout:\n          name: "{HIDDEN}"\n'
    )
    with pytest.raises(ConfigError, match=rf"{LAYER}\.name\._target_: .* Received: 'os\.mkdir'\."):
        validate(compose(["experiment=mine"]))


def test_no_configuration_makes_itself_trusted(options: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, "")
    write_experiment(options, f"{TRUSTED_VARIABLE}: os\ntrusted: [os]\nmodel:\n  output:\n    _target_: os.mkdir\n")
    with pytest.raises(ConfigError, match=rf"{TRUSTED_VARIABLE}: nothing reads this key[\s\S]*Received: 'os\.mkdir'"):
        validate(compose(["experiment=mine"]))
    assert os.environ[TRUSTED_VARIABLE] == ""
