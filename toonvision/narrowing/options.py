"""The options of narrowing (`toonvision.config.schema.NarrowingOptions`) on the hyperparameters of a run."""

from __future__ import annotations

from collections.abc import Collection

from toonvision.config.schema import NarrowingOptions
from toonvision.errors import ConfigError, Problem, did_you_mean


def option_problems(options: NarrowingOptions, names: Collection[str], path: str = "") -> list[Problem]:
    """Return every name in the options that is not one of the hyperparameters.

    Args:
        options: options of the narrowing.
        names: names of the hyperparameters.
        path: path of the options in the configuration.
    """
    prefix = f"{path}." if path else ""
    expected = f"a hyperparameter of the run ({', '.join(names)})"
    return [
        Problem(f"{prefix}{option}", expected, repr(name), did_you_mean(name, names))
        for option, given in (("accept", options.accept), ("refuse", options.refuse))
        for name in given
        if name not in names
    ]


def check_names(options: NarrowingOptions, names: Collection[str]) -> None:
    """Raise ConfigError if the options contain a name that is not a hyperparameter."""
    if problems := option_problems(options, names):
        raise ConfigError(*problems)


def restrict(options: NarrowingOptions, names: Collection[str]) -> NarrowingOptions:
    """Return the options for a space with only these hyperparameters, after an earlier narrowing."""
    accept, refuse = ([name for name in given if name in names] for given in (options.accept, options.refuse))
    none_left = bool(options.accept) and not accept  # an empty list would accept all names
    return options.model_copy(update={"accept": accept, "refuse": list(names) if none_left else refuse})


def allows(options: NarrowingOptions, name: str) -> bool:
    """Whether the options allow to cut this hyperparameter."""
    return name not in options.refuse and (not options.accept or name in options.accept)
