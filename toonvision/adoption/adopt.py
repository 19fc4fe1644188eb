"""Adopting a hypermodel: check what it names, run it, write its options."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonvision.adoption.options import lines, write_options
from toonvision.config.node import Node, code_problems
from toonvision.config.signature import definition
from toonvision.errors import ConfigError, Problem, SearchError
from toonvision.training.backend import load_backend

__all__ = ["adopt", "lines"]

if TYPE_CHECKING:
    from toonvision.adoption.exploration import Exploration


def adopt(
    target: str, arguments: Mapping[str, Any] | None = None, *, name: str | None = None, folder: Path | str = "conf"
) -> tuple[Exploration, list[Path]]:
    """Make options of an existing KerasTuner `build(hp)` function or `HyperModel`, so that it can be searched.

    The hypermodel is built many times, to see for which hyperparameters it asks under which values of others.

    Args:
        target: its import path, in a trusted module or in `keras_tuner.applications`.
        arguments: keywords of a `HyperModel`'s constructor.
        name: of the options; the last part of the target in lower case if None.
        folder: of options, in which `model/`, `search_space/` and `experiment/` get files.

    Returns:
        What was found, and the files that were written.

    Raises:
        ConfigError: if the target is not trusted or is no hypermodel, or if a file is there already.
        SearchError: if the model of its defaults cannot be built.
    """
    name = name or target.rpartition(".")[2].lower()
    found = definition(target)
    is_function = found is not None and isinstance(found.node, ast.FunctionDef)
    node = Node(target, {**({"_partial_": True} if is_function else {}), **(arguments or {})})
    if problems := list(code_problems(node.to_mapping(), "TARGET")):
        raise ConfigError(*problems)
    load_backend("tensorflow", deterministic=False)
    # Keras is imported after the target has passed the allowlist.
    from toonvision.adoption.exploration import explore
    from toonvision.training.adopted import load_hypermodel

    try:
        exploration = explore(load_hypermodel(node))
    except ValueError as error:
        raise SearchError(Problem(target, "a model of the defaults that can be built", str(error))) from error
    return exploration, write_options(exploration, node, name, Path(folder))
