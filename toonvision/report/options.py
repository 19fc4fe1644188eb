"""The options in which several runs differ, by the names of the command line."""

from __future__ import annotations

from collections.abc import Sequence

from toonvision.config.compose import parse_overrides
from toonvision.errors import ConfigError
from toonvision.record.results import Results

SEED = "seed"
_SHOWN_ANYWAY = ("dataset", "objective")


def differing_options(runs: Sequence[Results]) -> dict[str, list[str | None]]:
    """Return the value of each option in which the runs differ, for each run; None where a run does not name it.

    The seed is that of the configuration, also where the command line did not name it.
    """
    named = [_named(run) for run in runs]
    names = dict.fromkeys(name for options in named for name in options if name not in _SHOWN_ANYWAY)
    columns = {name: [options.get(name) for options in named] for name in names}
    return {name: values for name, values in columns.items() if len(set(values)) > 1}


def _named(run: Results) -> dict[str, str]:
    options: dict[str, str] = {}
    for word in run.overrides:
        try:
            (override,) = parse_overrides([word])
        except ConfigError:  # of another version of Hydra's grammar
            continue
        key = override.get_key_element().lstrip("+~")
        options[key] = "(removed)" if override.is_delete() else override.get_value_element_as_str()
    return {**options, SEED: str(run.config.seed)}
