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
from hydra.errors import HydraException
from hydra.plugins.search_path_plugin import SearchPathPlugin
from hydra.types import RunMode
from omegaconf import DictConfig, open_dict
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from toonvision.config.directory import config_directory
from toonvision.config.explain import explain, file_problem
from toonvision.config.stranger import check_files, check_folders
from toonvision.config.trust import enter_project, own
from toonvision.errors import ConfigError, Problem


class WorkingDirectoryConfigs(SearchPathPlugin):
    """Lets the options in `conf/` of the working directory compose with the packaged ones."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append `conf/` of the working directory, after the packaged configs."""
        folder = Path.cwd() / "conf"
        if folder.is_dir() and folder.resolve() != config_directory().resolve():
            search_path.append("toonvision-working-directory", f"file://{folder}")


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
            except HydraException:  # some are OSErrors, too
                raise
            except (YAMLError, UnicodeDecodeError, OSError, RecursionError) as error:
                raise ConfigError(file_problem(error, loader)) from error
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(explain(error)) from error
    except ValueError as error:
        problem = Problem("", "group=option or key=value", " ".join(overrides), f"{error}.")
        raise ConfigError(problem) from error
