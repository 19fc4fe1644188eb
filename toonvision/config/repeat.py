"""The directory of a run among the overrides of a command stands for the overrides and the options of that run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hydra.core.override_parser.types import Override

from toonvision.config.compose import parse_overrides
from toonvision.config.read import config_file, recorded_overrides
from toonvision.config.stranger import SEARCH_PATH, override_problems
from toonvision.errors import ConfigError, Problem

_SPACE = "search_space"


def expanded(words: Sequence[str]) -> list[str]:
    """Replace the directory of a run by what composes its configuration again.

    The other words replace overrides of the run with the same key. An option (`tuner=tpe`) also replaces the run's
    overrides within that group (`tuner.max_trials=9`). Settings of Hydra are not repeated.

    Args:
        words: overrides; at most one of them is a directory.

    Returns:
        Overrides in Hydra's grammar.

    Raises:
        ConfigError: if there are several directories or one without a run, or the run has a search space that another
            run wrote and the words do not choose one, or a stranger's run says what only trusted ones may.
    """
    runs = [word for word in words if word and "=" not in word and Path(word).is_dir()]  # Path("") is the working one
    if not runs:
        return list(words)
    if len(runs) > 1:
        raise ConfigError(Problem("", "one directory of a run among the overrides", ", ".join(runs)))
    directory = Path(runs[0])
    config_file(directory)
    own = [word for word in words if word != runs[0]]
    recorded = parse_overrides(recorded_overrides(directory))
    settings = [override for override in recorded if not override.is_hydra_override()]
    if problems := override_problems(settings, directory):
        raise ConfigError(*problems)
    keys = [_key(override) for override in parse_overrides(own)]
    if any(_key(override) == SEARCH_PATH for override in recorded) and _SPACE not in keys:
        hint = f"Choose one, for example {_SPACE}=best."
        raise ConfigError(Problem(_SPACE, "an option, because the run took its own from another run", "none", hint))
    kept = [str(override.input_line) for override in settings if not _is_replaced(_key(override), keys)]
    return [f"{SEARCH_PATH}=[file://{directory}]", *kept, *own]


def _key(override: Override) -> str:
    return override.get_key_element().lstrip("+~")


def _is_replaced(key: str, keys: Sequence[str]) -> bool:
    """Whether another word has the same key, or the option of the group that the key is in."""
    return any(key == other or key.startswith(f"{other}.") for other in keys)
