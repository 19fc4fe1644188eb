"""Compose a configuration with Hydra, and explain what Hydra refuses."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from hydra import initialize_config_dir
from hydra.core.config_loader import ConfigLoader
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.plugins import Plugins
from hydra.errors import HydraException, MissingConfigException
from hydra.plugins.search_path_plugin import SearchPathPlugin
from hydra.types import RunMode
from omegaconf import DictConfig, open_dict
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException
from yaml import MarkedYAMLError, YAMLError
from yaml.reader import ReaderError

from toonvision.config.stranger import check_files, check_folders
from toonvision.config.trust import enter_project, own
from toonvision.errors import ConfigError, Problem, did_you_mean

_YAML = "YAML in UTF-8"


class WorkingDirectoryConfigs(SearchPathPlugin):
    """Lets the options in `conf/` of the working directory compose with the packaged ones."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append `conf/` of the working directory, after the packaged configs."""
        folder = Path.cwd() / "conf"
        if folder.is_dir() and folder.resolve() != config_directory().resolve():
            search_path.append("toonvision-working-directory", f"file://{folder}")


def config_directory() -> Path:
    """Return the folder of the packaged configs: beside the code in a wheel, above it in a checkout."""
    package = Path(__file__).parent.parent
    return package / "conf" if (package / "conf").is_dir() else package.parent / "conf"


def register_search_path() -> None:
    """Register the configs of the working directory with Hydra; a second call changes nothing."""
    own(config_directory())
    enter_project()
    Plugins.instance().register(WorkingDirectoryConfigs)


def compose(overrides: Sequence[str] = ()) -> DictConfig:
    """Compose the configuration, as the command line does.

    Args:
        overrides: in Hydra's grammar, say `["tuner=hyperband", "search_space.learning_rate=0.001"]`.

    Raises:
        ConfigError: if an option or a key is not there, or a file of a folder that is not trusted says what only
            trusted ones may.
    """
    register_search_path()
    with initialized(config_directory().resolve(), overrides) as loader:
        cfg = load(loader, "config", overrides, RunMode.RUN)
    with open_dict(cfg):
        del cfg["hydra"]
    return cfg


def load(loader: ConfigLoader, name: str, overrides: Sequence[str], mode: RunMode) -> DictConfig:
    """Compose one configuration, with its `hydra` node, and check what strangers have given to it.

    Args:
        loader: of Hydra.
        name: of the main config file.
        overrides: of the command line.
        mode: run or sweep.
    """
    parsed = parse_overrides(overrides, loader)
    check_folders(loader, name, parsed)
    groups = loader.list_groups("")
    for override in parsed:
        _check_value(override, groups, loader)
    cfg = loader.load_configuration(name, list(overrides), mode)
    check_files(loader, name, overrides, mode, cfg)
    return cfg


def parse_overrides(overrides: Sequence[str], loader: ConfigLoader | None = None) -> list[Override]:
    """Parse overrides in Hydra's grammar.

    Args:
        overrides: of the command line.
        loader: of Hydra, to expand `glob(*)`.

    Raises:
        ConfigError: for the first that is none.
    """
    parser, parsed = OverridesParser.create(loader), []
    for word in overrides:
        try:
            parsed += parser.parse_overrides([word])
        except HydraException as error:
            expected = "an override, as group=option or key=value, with its quotes and brackets closed"
            hint = "Around a value with special characters, put two pairs of quotes: 'key=\"a: b\"'."
            raise ConfigError(Problem("", expected, repr(word), hint)) from error
    return parsed


def _check_value(override: Override, groups: Sequence[str], loader: ConfigLoader) -> None:
    """Raise ConfigError for a value that Hydra refuses without naming its place, or that would change nothing."""
    key, value = override.key_or_group, override.value()
    if override.is_delete() or override.is_sweep_override():
        return
    if key in groups and not isinstance(value, str | list | dict):
        known = ", ".join(loader.get_group_options(key))
        raise ConfigError(Problem(key, f"one of {known}", "null" if value is None else repr(value)))
    if value == {} and not override.is_add() and not override.is_force_add():
        hint = f"To remove an entry: ~{key}.NAME."
        raise ConfigError(Problem(key, "a mapping with entries: it is merged into the one that is there", "{}", hint))


@contextlib.contextmanager
def initialized(folder: Path, overrides: Sequence[str]) -> Iterator[ConfigLoader]:
    """Yield what composes from a folder for Hydra, and raise its errors as ConfigError.

    Args:
        folder: holds the main config file; an absolute path.
        overrides: of the command line, for the error.
    """
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(version_base="1.3", config_dir=str(folder)):
            loader = GlobalHydra.instance().config_loader()
            try:
                yield loader
            except UnicodeDecodeError as error:
                raise ConfigError(_undecodable(loader, error)) from error
    except (YAMLError, RecursionError) as error:
        raise ConfigError(_yaml_problem(error)) from error
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(explain(error)) from error
    except ValueError as error:
        problem = Problem("", "group=option or key=value", " ".join(overrides), f"{error}.")
        raise ConfigError(problem) from error


def _yaml_problem(error: YAMLError | RecursionError) -> Problem:
    """Return what is wrong with a file of options, and where."""
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return Problem(f"{mark.name}:{mark.line + 1}:{mark.column + 1}", _YAML, str(error.problem))
    if isinstance(error, ReaderError):
        return Problem(str(error.name), _YAML, f"the character {error.character!r} at position {error.position}")
    return Problem("a file of options", f"{_YAML}, of which no part contains itself", "a cycle of anchors")


def _undecodable(loader: ConfigLoader, error: UnicodeDecodeError) -> Problem:
    """Return the problem of a file that is not in UTF-8; the error does not name it, but has its content."""
    folders = [Path(source.path) for source in loader.get_sources() if source.scheme() == "file"]
    files = (file for folder in folders for file in folder.rglob("*.yaml"))
    place = next((str(file) for file in files if file.read_bytes().startswith(error.object)), "a file of options")
    return Problem(place, _YAML, f"the byte {error.object[error.start]:#x} at position {error.start}")


def explain(error: BaseException) -> str:
    """Return the message of an error of Hydra's or OmegaConf's as one of ours: place, expectation, near name."""
    if isinstance(error, MissingConfigException) and error.options:
        group, _, name = str(error.missing_cfg_file).rpartition("/")
        known = ", ".join(error.options)
        return str(Problem(group, f"one of {known}", repr(name), did_you_mean(name, error.options)))
    cause = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    lines = [line.strip() for e in (error, cause) for line in str(e).splitlines() if line.strip()]
    told = [line.rstrip(".") for line in dict.fromkeys(lines) if not line.startswith(("object_type=", "full_key:"))]
    message = ". ".join(told)
    parent = cause.parent_node if isinstance(cause, OmegaConfBaseException) else None
    if isinstance(parent, DictConfig) and isinstance(cause, ConfigKeyError | ConfigAttributeError):
        known_keys = [str(key) for key in parent]
        message += f". Known there: {', '.join(known_keys)}.{did_you_mean(str(cause.key), known_keys)}"
    return message
