"""What the user trusts: modules, and directories whose configurations may name code, addresses and storages.

The user, who types the command line and sets the environment, is trusted. A configuration, a run or a folder of options
may come from a stranger, unless it is the packaged one or below a trusted directory. The user's configuration folder,
and no project, has the list of these directories.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from platformdirs import user_config_path

from toonvision.config.folders import existing_folder
from toonvision.errors import ConfigError, Problem

TRUSTED_VARIABLE = "TOONVISION_TRUSTED"
# The packaged configs, and the directories of the runs that this process writes.
_OWN: set[Path] = set()


def trust(*modules: str) -> None:
    """Let a `_target_` name things in these modules, in this process and in its workers.

    Args:
        modules: prefixes of import paths, say `"my_package"` or `"my_package.layers"`; or absolute paths of
            directories to trust. A configuration cannot set them: its author must not choose which code it may run.
    """
    os.environ[TRUSTED_VARIABLE] = ",".join(dict.fromkeys([*_named(), *modules]))


def trusted_modules() -> tuple[str, ...]:
    """Return the prefixes of import paths that the environment or `trust` names."""
    return tuple(name for name in _named() if os.sep not in name)


def trusted_directories() -> list[Path]:
    """Return the directories that the user trusts, by `toonvision trust` or by the environment."""
    return [Path(line) for line in (*_recorded(), *_named()) if os.sep in line]


def is_trusted(path: Path) -> bool:
    """Whether what lies at a path may name code, addresses and storages."""
    return _is_below(path.resolve(), [*_OWN, *trusted_directories()])


def trust_directory(directory: Path) -> Path:
    """Record a directory as trusted, with all that is below it; return its path.

    Raises:
        ConfigError: if there is no such directory.
    """
    real = existing_folder(str(directory), "").resolve()
    _record([*_recorded(), str(real)])
    return real


def distrust_directory(directory: Path) -> Path:
    """Remove a directory from the trusted ones; return its path.

    Raises:
        ConfigError: if it is not among them.
    """
    real = str(directory.resolve())
    if real not in _recorded():
        known = ", ".join(_recorded()) or "none"
        raise ConfigError(Problem("", f"one of the trusted directories ({known})", repr(str(directory))))
    _record([line for line in _recorded() if line != real])
    return Path(real)


def enter_project() -> None:
    """Let this process, and its workers, import the modules of the trusted directory that holds the working directory.

    Nothing happens outside a trusted directory.
    """
    working = Path.cwd().resolve()
    for directory in trusted_directories():
        if working.is_relative_to(directory):
            trust(str(directory))
            roots = (working, directory, working / "src", directory / "src")
            sys.path.extend(str(root) for root in roots if root.is_dir() and str(root) not in sys.path)


def is_project_module(name: str) -> bool:
    """Whether an import path begins with a module that lies below a trusted directory, and not in the environment."""
    directories, first = trusted_directories(), name.partition(".")[0]
    spec = importlib.util.find_spec(first) if directories and first else None
    places = [Path(place) for place in (*(spec.submodule_search_locations or ()), spec.origin or "")] if spec else []
    return any(
        _is_below(place, directories) and not _is_below(place, [sys.prefix, sys.base_prefix]) for place in places
    )


def own(directory: Path) -> None:
    """Trust a directory in this process: what it holds was packaged, or is written by this process."""
    _OWN.add(directory.resolve())


def _is_below(path: Path, directories: Sequence[Path | str]) -> bool:
    return any(path.is_relative_to(directory) for directory in directories)


def _named() -> list[str]:
    return [name.strip() for name in os.environ.get(TRUSTED_VARIABLE, "").split(",") if name.strip()]


def _file() -> Path:
    return user_config_path("toonvision") / "trusted_directories"


def _recorded() -> list[str]:
    return _file().read_text(encoding="utf-8").splitlines() if _file().is_file() else []


def _record(lines: list[str]) -> None:
    _file().parent.mkdir(parents=True, exist_ok=True)
    temporary = _file().with_suffix(".new")
    temporary.write_text("".join(f"{line}\n" for line in dict.fromkeys(lines)), encoding="utf-8")
    temporary.replace(_file())
