"""A saved model, loaded without running code of a stranger: each class that it names is Keras's or trusted."""

from __future__ import annotations

import importlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import keras

from toonvision.config.allowlist import target_problem
from toonvision.config.tree import branches
from toonvision.errors import ConfigError, Problem, SearchError

_CONFIG = "config.json"  # in a file .keras
_MOST = 64 * 2**20  # bytes of it
_CODE = ("Lambda", "TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer")


def load_saved(path: Path) -> keras.Model:
    """Load a model, not compiled, that predicts.

    Raises:
        SearchError: if there is no model, or it cannot be read.
        ConfigError: if it names code that is not trusted.
    """
    if not path.is_file():
        raise SearchError(Problem(str(path), "a saved model", "no such file"))
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(_CONFIG).file_size > _MOST:
                raise ValueError(f"{_CONFIG} of more than {_MOST} bytes")
            config = json.loads(archive.read(_CONFIG))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise SearchError(Problem(str(path), "a saved model", str(error))) from error
    config.pop("compile_config", None)  # it is not compiled
    if problems := list(_problems(config, str(path))):
        raise ConfigError(*problems)
    try:
        for module in dict.fromkeys(module for module, _ in _classes(config) if not _is_of_keras(module)):
            importlib.import_module(module)  # it registers its classes; Keras looks only among those registered
        model: keras.Model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except (ValueError, TypeError, OSError, ImportError) as error:
        raise SearchError(Problem(str(path), "a model that Keras can load", str(error).splitlines()[0])) from error
    return model


def _problems(config: object, where: str) -> Iterator[Problem]:
    for module, name in _classes(config):
        if name in _CODE:
            yield Problem(where, "a model without code", f"a layer {name}")
        elif not _is_of_keras(module):
            yield from filter(None, [target_problem(f"{module}.{name}", where)])


def _classes(config: object) -> Iterator[tuple[str, str]]:
    """Yield the module and the name of each class that a model names."""
    for _, value in branches(config, _CONFIG):
        if isinstance(value, Mapping) and "class_name" in value and value.get("module"):
            yield str(value["module"]), str(value["class_name"])


def _is_of_keras(module: str) -> bool:
    return module.partition(".")[0] in ("keras", "builtins")
