"""Errors of Hydra, OmegaConf and PyYAML as those of this package: with place, expectation and near name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import yaml
from hydra.core.config_loader import ConfigLoader
from hydra.errors import MissingConfigException
from omegaconf import DictConfig
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException
from yaml import MarkedYAMLError, YAMLError
from yaml.reader import ReaderError

from toonvision.errors import Problem, did_you_mean

_YAML = "YAML in UTF-8"
_SOME_FILE = "a file of options"
_LAUNCHERS = ("joblib", "submitit_local", "submitit_slurm")
_INSTALL = "Install it by pip install 'toonvision[launchers]'."


def explain(error: BaseException) -> str:
    """Return the message of an error of Hydra's or OmegaConf's as one of ours: place, expectation, near name."""
    if isinstance(error, MissingConfigException) and error.options:
        group, _, name = str(error.missing_cfg_file).rpartition("/")
        known = ", ".join(error.options)
        hint = _INSTALL if group == "hydra/launcher" and name in _LAUNCHERS else did_you_mean(name, error.options)
        return str(Problem(group, f"one of {known}", repr(name), hint))
    cause = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    if isinstance(error, OmegaConfBaseException) and error.parent_node is not None:
        cause = error  # under a debugger, OmegaConf keeps a cause that knows less
    lines = [line.strip() for e in (error, cause) for line in str(e).splitlines() if line.strip()]
    told = [line.rstrip(".") for line in dict.fromkeys(lines) if not line.startswith(("object_type=", "full_key:"))]
    message = ". ".join(told)
    parent = cause.parent_node if isinstance(cause, OmegaConfBaseException) else None
    if isinstance(parent, DictConfig) and isinstance(cause, ConfigKeyError | ConfigAttributeError):
        place = str(cause.full_key)
        message = message if place in message else f"{place}: {message}"
        known_keys = [str(key) for key in parent]
        known = f"Known there: {', '.join(known_keys)}" if known_keys else "There are no keys"
        message += f". {known}.{did_you_mean(str(cause.key), known_keys)}"
    return message


def file_problem(error: BaseException, loader: ConfigLoader) -> Problem:
    """Return what is wrong with a file of options, and where.

    Args:
        error: of PyYAML or OmegaConf, which does not always name the file.
        loader: has read it.
    """
    if isinstance(error, UnicodeDecodeError):
        found = (str(file) for file in _files(loader) if file.read_bytes().startswith(error.object))
        received = f"the byte {error.object[error.start]:#x} at position {error.start}"
        return Problem(next(found, _SOME_FILE), _YAML, received)
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return Problem(f"{mark.name}:{mark.line + 1}:{mark.column + 1}", _YAML, str(error.problem))
    if isinstance(error, ReaderError):
        return Problem(str(error.name), _YAML, f"the character {error.character!r} at position {error.position}")
    if isinstance(error, OSError):  # OmegaConf's, for a file that holds a number
        return Problem(_single_value(loader) or _SOME_FILE, "a mapping", str(error))
    return Problem(_SOME_FILE, f"{_YAML}, of which no part contains itself", "a cycle of anchors")


def _single_value(loader: ConfigLoader) -> str | None:
    """Return the first file of options that holds a single value."""
    for file in _files(loader):
        with contextlib.suppress(YAMLError, UnicodeDecodeError):
            if isinstance(yaml.compose(file.read_text(encoding="utf-8"), yaml.SafeLoader), yaml.ScalarNode):
                return str(file)
    return None


def _files(loader: ConfigLoader) -> Iterator[Path]:
    folders = [Path(source.path) for source in loader.get_sources() if source.scheme() == "file"]
    return (file for folder in folders for file in folder.rglob("*.yaml"))
