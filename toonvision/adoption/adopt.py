"""Adopting a hypermodel: check what it names, run it, write its options."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonvision.adoption.options import write_options
from toonvision.config.node import Node, code_problems
from toonvision.config.signature import definition
from toonvision.config.trust import enter_project
from toonvision.errors import ConfigError, Problem, SearchError
from toonvision.training.backend import load_backend

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
    enter_project()
    name = name or target.rpartition(".")[2].lower()
    if problems := list(code_problems({"_target_": target, **(arguments or {})}, "TARGET")):
        raise ConfigError(*problems)
    found = definition(target)
    is_function = found is not None and isinstance(found.node, ast.FunctionDef)
    node = Node(target, {**({"_partial_": True} if is_function else {}), **(arguments or {})})
    load_backend("tensorflow", deterministic=False)
    # Keras is imported after the target has passed the allowlist.
    from toonvision.adoption.exploration import explore
    from toonvision.training.adopted import load_hypermodel
    from toonvision.training.backbone import is_download

    try:
        exploration = explore(load_hypermodel(node))
    except Exception as error:
        if isinstance(error, ValueError) or is_download(error):
            raise SearchError(Problem(target, "a model of the defaults that can be built", str(error))) from error
        raise
    return exploration, write_options(exploration, node, name, Path(folder))


def lines(exploration: Exploration, written: list[Path]) -> list[str]:
    """Return what was found and written, and the next commands, as lines."""
    name = written[0].stem
    searched = [entry for entry in exploration.space.values() if isinstance(entry, Mapping)]
    conditional = sum("when" in entry for entry in searched)
    several = "" if len(searched) == 1 else "s"
    said = [
        f"{len(searched)} hyperparameter{several}, {conditional} of them conditional, by {exploration.builds} builds."
    ]
    said += [f"Some values cannot be built: {failure}" for failure in exploration.failures]
    if exploration.without_fit is not None:
        said.append(
            f"The hyperparameters of fit are not among them ({exploration.without_fit}): declare them in build."
        )
    said += ["Written:", *(f"  {path}" for path in written), "Next, with your dataset and task:"]
    return [*said, f"  toonvision check experiment={name}", f"  toonvision experiment={name}"]
