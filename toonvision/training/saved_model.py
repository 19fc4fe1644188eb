"""A saved model, loaded without running code of a stranger: each class that it names is Keras's or trusted."""

from __future__ import annotations

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
        model: keras.Model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except (ValueError, TypeError, OSError) as error:
        raise SearchError(Problem(str(path), "a model that Keras can load", str(error).splitlines()[0])) from error
    return model


def _problems(config: object, where: str) -> Iterator[Problem]:
    for _, value in branches(config, _CONFIG):
        if not isinstance(value, Mapping) or "class_name" not in value or not value.get("module"):
            continue
        module, name = str(value["module"]), str(value["class_name"])
        if name in _CODE:
            yield Problem(where, "a model without code", f"a layer {name}")
        elif module.partition(".")[0] not in ("keras", "builtins"):
            yield from filter(None, [target_problem(f"{module}.{name}", where)])
