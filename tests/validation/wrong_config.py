"""Wrong configurations and the messages of their problems."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import pytest
from omegaconf import DictConfig

from tests.configuration import composed
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


def changed(changes: Mapping[str, Any], *overrides: str) -> dict[str, Any]:
    """Return what the overrides compose to, with other values at the paths: composing takes longer than validating."""
    config: dict[str, Any] = plain(composed(*overrides))
    for path, value in changes.items():
        *groups, last = path.split(".")
        functools.reduce(lambda node, key: node[key], groups, config)[last] = value
    return config
