"""Compose a configuration with Hydra, and explain what Hydra refuses."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.plugins import Plugins
from hydra.errors import HydraException, MissingConfigException
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import DictConfig
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException
from yaml import YAMLError

from toonvision.errors import ConfigError, Problem, did_you_mean


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
    """Let Hydra know of the configs in the working directory; more than once is as good as once."""
    Plugins.instance().register(WorkingDirectoryConfigs)


def compose(overrides: Sequence[str] = ()) -> DictConfig:
    """Compose the configuration, as the command line does.

    Args:
        overrides: in Hydra's grammar, say `["tuner=hyperband", "search_space.learning_rate=0.001"]`.

    Raises:
        ConfigError: if an option or a key is not there.
    """
    register_search_path()
    with initialized(config_directory().resolve(), overrides):
        return hydra_compose(config_name="config", overrides=list(overrides))


@contextlib.contextmanager
def initialized(folder: Path, overrides: Sequence[str]) -> Iterator[None]:
    """Let Hydra compose from a folder, and raise its errors as ConfigError.

    Args:
        folder: holds the main config file; an absolute path.
        overrides: of the command line, for the error.
    """
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(version_base="1.3", config_dir=str(folder)):
            yield
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        raise ConfigError(explain(error)) from error
    except ValueError as error:  # Hydra's answer to group=null
        problem = Problem("", "group=option or key=value", " ".join(overrides), f"{error}.")
        raise ConfigError(problem) from error


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
