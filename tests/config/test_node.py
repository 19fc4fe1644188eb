"""Instantiating nodes: what a user of Hydra expects, and what an attacker does not."""

from __future__ import annotations

import base64
import functools
import marshal
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from toonvision.config.compose import compose
from toonvision.config.node import Node, code_problems, instantiate
from toonvision.config.trust import TRUSTED_VARIABLE, trust
from toonvision.errors import ConfigError
from toonvision.validation.validate import validate

LAYER = "model.blocks.block_1.layers.dropout"
Experiment = Callable[[str], str]
GLOBAL = "# @package _global_\n"
DROPOUT = f"{GLOBAL}model:\n  blocks:\n    block_1:\n      layers:\n        dropout:\n         "


@dataclass
class Held:
    """What stands for an argument that is no plain data, and for a class that a user trusts."""

    value: Any
    more: Any = None


@pytest.fixture
def _this_module_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, "")
    monkeypatch.setitem(sys.modules, "test_node", sys.modules[__name__])
    trust("test_node")


@pytest.mark.usefixtures("_this_module_is_trusted")
class TestInstantiate:
    def test_a_target_is_called_with_the_other_keys(self) -> None:
        assert instantiate(Node.from_mapping({"_target_": "test_node.Held", "value": [1, {"a": 2}]}), "x") == Held(
            [1, {"a": 2}]
        )

    def test_what_it_is_given_is_plain(self) -> None:
        held = instantiate(Node.from_mapping({"_target_": "test_node.Held", "value": {"a": [1]}}), "x")
        assert type(held.value) is dict
        assert type(held.value["a"]) is list

    def test_nested_targets_are_called_first(self) -> None:
        inner = {"_target_": "test_node.Held", "value": 1}
        held = instantiate(Node.from_mapping({"_target_": "test_node.Held", "value": inner, "more": [inner]}), "x")
        assert held == Held(Held(1), [Held(1)])

    def test_further_arguments_are_passed_as_they_are(self) -> None:
        argument = Held({"a": 1})
        held = instantiate(Node.from_mapping({"_target_": "test_node.Held", "value": 1}), "x", more=argument)
        assert held.more is argument

    def test_a_partial_target_is_called_later(self) -> None:
        call = instantiate(
            Node.from_mapping({"_target_": "test_node.Held", "_partial_": True, "value": 1}), "x", more=2
        )
        assert isinstance(call, functools.partial)
        assert call() == Held(1, 2)

    def test_arguments_by_position_are_passed(self) -> None:
        assert instantiate(Node.from_mapping({"_target_": "test_node.Held", "_args_": [1, 2]}), "x") == Held(1, 2)


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
        {"_target_": "toonvision.config.node.instantiate", "node": {"a": 1}, "path": "x"},
        {"_target_": "toonvision.dataset.dataset.instantiate", "node": {"a": 1}, "path": "x"},
        {"_target_": "hydra.utils.instantiate", "config": {"a": 1}},
        {"_target_": "functools.partial", "func": "os.mkdir"},
        {"_target_": None},
        {"_target_": {"_target_": "os.mkdir"}},
    ],
)
def test_what_would_run_code_is_refused_before_anything_runs(node: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"(?m)^(- )?x"):
        instantiate(Node.from_mapping(node), "x")
    assert list(tmp_path.iterdir()) == []


def test_every_refusal_of_a_node_is_told_at_once() -> None:
    problems = code_problems(
        {"a": {"_target_": "os.mkdir"}, "b": [HIDDEN], "c": {"class_name": "X", "config": {}}}, "x"
    )
    assert [problem.path for problem in problems] == ["x.a._target_", "x.b[0]", "x.c.class_name"]


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


def test_a_target_that_only_one_choice_of_the_space_leads_to_is_refused(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, str(tmp_path))  # a stranger's file may not hold an interpolation there
    experiment(
        "# @package _global_\nsearch_space:\n  optimizer: {hp: Choice, values: [keras.optimizers.Adam, os.mkdir]}\n"
        "baseline:\n  optimizer: keras.optimizers.Adam\n"
        "training:\n  optimizer:\n    _target_: ${.name}\n    name: ${search_space.optimizer}\n",
    )
    with pytest.raises(ConfigError, match=r"training\.optimizer\._target_: .* Received: 'os\.mkdir'\."):
        validate(compose(["experiment=mine"]))


def test_a_target_that_hides_until_a_second_resolution_is_refused(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, str(tmp_path))  # a stranger's file may not hold an interpolation there
    experiment(
        f'# @package _global_\nmodel: {{blocks: {{block_1: {{layers: {{dropout: {{name: "\\\\{HIDDEN}"}}}}}}}}}}\n'
    )
    with pytest.raises(ConfigError, match=rf"^{LAYER}\.name: expected a value with nothing left to resolve"):
        validate(compose(["experiment=mine"]))


def test_a_target_that_an_interpolation_creates_is_refused(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, str(tmp_path))  # a stranger's file may not hold an interpolation there
    experiment(f'# @package _global_\nmodel: {{blocks: {{block_1: {{layers: {{dropout: {{name: "{HIDDEN}"}}}}}}}}}}\n')
    with pytest.raises(ConfigError, match=rf"{LAYER}\.name\._target_: .* Received: 'os\.mkdir'\."):
        validate(compose(["experiment=mine"]))


def test_no_configuration_makes_itself_trusted(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, "")
    experiment(
        f"# @package _global_\n{TRUSTED_VARIABLE}: os\ntrusted: [os]\nmodel:\n  output:\n    _target_: os.mkdir\n"
    )
    with pytest.raises(ConfigError, match=rf"{TRUSTED_VARIABLE}: expected one of the keys[\s\S]*Received: 'os\.mkdir'"):
        validate(compose(["experiment=mine"]))
    assert os.environ[TRUSTED_VARIABLE] == ""
