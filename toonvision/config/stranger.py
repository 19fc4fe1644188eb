"""What a stranger's configuration may not say: code, addresses, the environment, storages and Hydra's own settings.

Each file of a folder that is not trusted (see `toonvision.config.trust`) is checked as Hydra merges it, at the place
where Hydra puts it, whatever later files or the command line say. So is the configuration that a run has left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.types import Override
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from toonvision.config.tree import leaves, select, targets
from toonvision.config.trust import is_project_module, is_trusted
from toonvision.config.yaml_file import size_problem
from toonvision.errors import ConfigError, Problem

SEARCH_PATH = "hydra.searchpath"
# Of Hydra's own node, what only names a place below the working directory.
_OUTPUT = ("hydra.run.dir", "hydra.sweep.dir", "hydra.sweep.subdir", "hydra.job.name")
_OUTPUT_NAME = re.compile(r"([\w,=+@ -]|\.(?!\.)|\$\{now:[%\w-]*\}|\$\{hydra\.job\.(name|num|id|override_dirname)\})+")
_INDEX = re.compile(r"\[\d+\]")  # of a list, in a path
_IN_HYDRA = re.compile(r"(^|\W)hydra(\W|$)")
# References to other keys, and the time; any other interpolation calls a function.
_REFERENCES = re.compile(r"([^$]|\$(?!\{)|\$\{\.*[\w.\[\]-]*\}|\$\{now:[^${}]*\})*")
_TARGET = re.compile(r"[\w.]+|keras\.[\w.]*\$\{.*")  # an interpolation may choose a class of Keras
# What connects or opens files may stand only in the group where its arguments are checked.
_ONLY_IN = {"toonvision.executor.": "executor", "toonvision.tracker.": "tracker", "optuna.storages.": "storage"}
# What leads to another machine or another place of this one, and the values that do not.
_ADDRESSES = {
    "executor.address": (None,),
    "executor.folder": (None, "~/.cache/toonvision"),
    "tracker.tracking_uri": (None,),
}
# Keywords of Keras's classes that write to a place, or read or download from one; and the classes that do so without.
_KERAS_PLACES = ("directory", "filepath", "log_dir", "vocabulary", "weights")
_NEEDED = {"keras.applications.": "weights", "keras.callbacks.TensorBoard": "log_dir"}
# The storages that are files of the run.
_STORAGES = (
    "optuna.storages.RDBStorage",
    "optuna.storages.JournalStorage",
    "optuna.storages.journal.JournalFileBackend",
)
_STORAGE_FILES = re.compile(r"(sqlite:///)?\{directory\}/\w[\w.-]*")


def check_folders(loader: ConfigLoader, name: str, overrides: Sequence[Override]) -> None:
    """Raise ConfigError if a file of options is too large, or `hydra.searchpath` names a package.

    To look into a package, Python would run it.

    Args:
        loader: of Hydra, for the folders of the command; it has composed nothing yet.
        name: of the main config file.
        overrides: of the command line.
    """
    given: list[object] = [override.value() for override in overrides if override.key_or_group == SEARCH_PATH]
    folders = [Path(source.path) for source in loader.get_sources() if source.scheme() == "file"]
    _check_sizes(folders)
    main = _file(folders, name)
    if not given and main is not None:
        written = select(_tree(main), SEARCH_PATH)
        if written is not None and not is_trusted(main):
            raise ConfigError(_refused(SEARCH_PATH, written, main))
        given = [written]
    for folder in (entry for entries in given if isinstance(entries, list) for entry in entries):
        if not str(folder).startswith("file://"):
            raise ConfigError(Problem(SEARCH_PATH, "folders, each as file://FOLDER", repr(folder)))
        _check_sizes([Path(str(folder).removeprefix("file://"))])


def check_files(loader: ConfigLoader, name: str, overrides: Sequence[str], mode: RunMode, cfg: DictConfig) -> None:
    """Raise ConfigError for what the files of folders that are not trusted say in a composition, and may not.

    Args:
        loader: of Hydra, which has composed `cfg`.
        name: of the main config file.
        overrides: of the command line.
        mode: run or sweep.
        cfg: with its `hydra` node.
    """
    sources = cfg.hydra.runtime.config_sources
    folders = [Path(source.path) for source in sources if source.schema == "file"]
    if all(map(is_trusted, folders)):
        return
    problems: list[Problem] = []
    for default in loader.compute_defaults_list(name, list(overrides), mode).defaults:
        file = _file(folders, default.config_path)
        if file is not None and not is_trusted(file):
            problems += _file_problems(file, default.package or "")
    if problems:
        raise ConfigError(*problems)


def recorded_problems(tree: Mapping[str, object], directory: Path) -> list[Problem]:
    """Return what the configuration that a run has left says, and may not unless the run is in a trusted directory.

    Args:
        tree: plain, interpolations left as they are.
        directory: of the run.
    """
    return [] if is_trusted(directory) else list(_tree_problems(tree, "", directory))


def override_problems(overrides: Sequence[Override], directory: Path) -> list[Problem]:
    """Return what the overrides that a run has left say, and may not unless the run is in a trusted directory.

    Args:
        overrides: of the run.
        directory: of the run.
    """
    if is_trusted(directory):
        return []
    values = {override.key_or_group: override.value() for override in overrides if not _is_choice(override)}
    return list(_tree_problems(values, "", directory))


def _is_choice(override: Override) -> bool:
    """Whether an override chooses an option of a group, or could: such a word alone does nothing."""
    value = override.value()
    return override.is_delete() or (
        "." not in override.key_or_group and isinstance(value, str) and bool(re.fullmatch(r"[\w/-]+", value))
    )


def _check_sizes(folders: Sequence[Path]) -> None:
    """Raise ConfigError for a file too large to be read, in folders that are not trusted.

    A group has its options at most two folders down.
    """
    for folder in folders:
        for pattern in ("*.yaml", "*/*.yaml", "*/*/*.yaml") if not is_trusted(folder) else ():
            for file in folder.glob(pattern):
                if problem := size_problem(file):
                    raise ConfigError(problem)


def _file(folders: Sequence[Path], name: str) -> Path | None:
    """Return the file that Hydra takes for a name: of the first folder that has it."""
    files = (folder / (name if name.endswith(".yaml") else f"{name}.yaml") for folder in folders)
    return next((file for file in files if file.is_file()), None)


def _tree(file: Path) -> Mapping[str, object]:
    tree = OmegaConf.to_container(OmegaConf.load(file))
    return {str(key): value for key, value in tree.items()} if isinstance(tree, dict) else {}


def _file_problems(file: Path, package: str) -> Iterator[Problem]:
    """Yield what a file says and may not.

    Args:
        file: of options, in YAML.
        package: the path at which Hydra merges its content.
    """
    tree = dict(_tree(file))
    for entry in _defaults(tree.pop("defaults", None)):
        if _IN_HYDRA.search(entry):
            yield _refused("defaults", entry, file)
    yield from _tree_problems(tree, package, file)


def _defaults(entries: object) -> list[str]:
    return [str(entry) for entry in entries] if isinstance(entries, list) else []


def _tree_problems(tree: Mapping[str, object], package: str, source: Path) -> Iterator[Problem]:
    for path, value in leaves(tree, package):
        if not _is_allowed(_INDEX.sub("", path), value):
            yield _refused(path, value, source)
    for path, node in targets(tree, package):
        for target, key in _NEEDED.items():
            if str(node["_target_"]).startswith(target) and key not in node:
                yield _refused(f"{path}.{key}", "nothing, for which Keras takes its own", source)
        if "_args_" in node:  # its names are not known here
            yield _refused(f"{path}._args_", node["_args_"], source)


def _is_allowed(path: str, value: object) -> bool:
    """Whether a stranger may set a key, given by its path, to a value."""
    group, key = path.split(".")[0], path.rpartition(".")[2]
    text = value if isinstance(value, str) else ""
    if group == "hydra":
        return path in _OUTPUT and _is_below_working_directory(path, text)
    if not _REFERENCES.fullmatch(text):
        return False
    if key == "_target_" and not _is_allowed_target(group, text):
        return False
    if key in _KERAS_PLACES and text:
        return False
    if group in ("executor", "tracker", "storage") and "${" in text:
        return False
    for address, harmless in _ADDRESSES.items():
        if path == address or path.startswith(f"{address}."):
            return value in harmless
    if group == "storage" and text:
        return text in _STORAGES if key == "_target_" else bool(_STORAGE_FILES.fullmatch(text))
    return True


def _is_allowed_target(group: str, target: str) -> bool:
    """Whether a stranger may name a target in a group; the allowlist must have it, too."""
    elsewhere = [package for package, home in _ONLY_IN.items() if group != home]
    return bool(_TARGET.fullmatch(target)) and not is_project_module(target) and not target.startswith(tuple(elsewhere))


def _is_below_working_directory(path: str, text: str) -> bool:
    parts = text.split("/") if path.endswith("dir") else [text]
    return all(_OUTPUT_NAME.fullmatch(part) for part in parts)


def _refused(path: str, received: object, source: Path) -> Problem:
    folder = source if source.is_dir() else source.parent
    command = "toonvision trust" + ("" if folder.resolve().is_relative_to(Path.cwd()) else f" {folder}")
    hint = f"{source} may be a stranger's. Give the value on the command line, or trust the project: {command}."
    return Problem(path, "nothing that only a trusted configuration may say", repr(received), hint)
