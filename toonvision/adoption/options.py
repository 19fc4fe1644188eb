"""The options of an adopted hypermodel as files: its model, search space, baseline and experiment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from toonvision.config.node import Node
from toonvision.errors import ConfigError, Problem

if TYPE_CHECKING:
    from toonvision.adoption.exploration import Exploration


def write_options(exploration: Exploration, node: Node, name: str, folder: Path) -> list[Path]:
    """Write `model/NAME.yaml`, `search_space/NAME.yaml`, `search_space/NAME_baseline.yaml`, `experiment/NAME.yaml`.

    Args:
        exploration: of the hypermodel.
        node: that names it.
        name: of the options.
        folder: of options, for example `conf`.

    Raises:
        ConfigError: if one of the files is there already.
    """
    target = node.target
    model = {"name": name, "hypermodel": node.to_mapping()}
    experiment: dict[str, Any] = {"defaults": [{"override /model": name}]}
    # A compiled model is compiled again, with its own optimizer and the loss and the metrics of the task.
    adam = {"_target_": "keras.optimizers.Adam", "learning_rate": 0.001}
    experiment["training"] = {"optimizer": None if exploration.is_compiled else adam}
    contents = {
        f"model/{name}.yaml": (f"The models of {target}, which toonvision adopt has run.", _block(model)),
        f"search_space/{name}.yaml": (f"The hyperparameters for which {target} asks.", _lines(exploration.space)),
        f"search_space/{name}_baseline.yaml": (
            f"The defaults of {target}: the values to beat.",
            _block(exploration.baseline),
        ),
        f"experiment/{name}.yaml": (f"A search over the models of {target}.", _block(experiment)),
    }
    for path in contents:
        if (folder / path).exists():
            raise ConfigError(Problem("--name", "a name without options", f"{folder / path}, which is there already"))
    written = []
    for path, (purpose, text) in contents.items():
        package = "# @package _global_\n" if path.startswith("experiment/") else ""
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{package}# {purpose}\n{text}", encoding="utf-8")
        written.append(file)
    return written


def _block(content: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True)


def _lines(space: Mapping[str, Any]) -> str:
    """Return one line for each entry, as in the packaged spaces."""
    return "".join(f"{name}: {_flow(entry)}\n" for name, entry in space.items())


def _flow(entry: object) -> str:
    text = yaml.safe_dump(entry, default_flow_style=True, sort_keys=False, allow_unicode=True, width=2**16)
    return text.removesuffix("...\n").strip()  # which ends a document of one scalar
