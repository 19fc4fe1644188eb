"""Wrong configurations and the messages of their problems."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from omegaconf import DictConfig

from toonvision.config.compose import compose
from toonvision.config.resolve import plain
from toonvision.errors import ConfigError
from toonvision.validation.validate import validate


def errors_of(*overrides: str) -> list[str]:
    """Return the messages of one composition, one each."""
    return errors_in(compose(overrides))


def errors_in(cfg: DictConfig | dict[str, Any]) -> list[str]:
    """Return the messages of one configuration, one each."""
    with pytest.raises(ConfigError) as raised:
        validate(cfg)
    first, *others = str(raised.value).splitlines()
    return [line.removeprefix("- ") for line in others] if others else [first]


@functools.cache
def _defaults() -> dict[str, Any]:
    return plain(compose())


def defaults() -> dict[str, Any]:
    """Return a configuration of one's own, composed once for all tests: composing takes longer than validating."""
    return plain(_defaults())


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the defaults with another value at `path`."""
    config = defaults()
    *groups, last = path.split(".")
    functools.reduce(lambda node, key: node[key], groups, config)[last] = value
    return config
