"""Configurations for tests that are about something else: composing one takes as long as a simulated search."""

from __future__ import annotations

import copy
import functools
import re

from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf

from toonvision.config.compose import compose
from toonvision.config.schema import RunConfig
from toonvision.validation.validate import validate

_VALUE = re.compile(r"(seed|first|warm_start|(?!hydra\.)\w+\.[\w.]+)=")


def composed(*overrides: str) -> DictConfig:
    """Return a copy of what the packaged configs and these overrides compose to, for trials in this process.

    Each choice of options is composed once. Values are set afterwards, as Hydra does it.
    """
    return copy.deepcopy(_composed(*overrides))


def in_this_process(*overrides: str) -> tuple[str, ...]:
    """Return overrides with `executor=inline`, unless they choose an executor: starting processes takes seconds."""
    is_chosen = any(override.startswith("executor=") for override in overrides)
    return overrides if is_chosen else (*overrides, "executor=inline")


@functools.cache
def configured(*overrides: str) -> RunConfig:
    """Return the valid configuration that the packaged configs and these overrides compose to, made once."""
    return validate(_composed(*overrides))


@functools.cache
def _composed(*overrides: str) -> DictConfig:
    values = [override for override in overrides if _VALUE.match(override)]
    if not values:
        return compose(in_this_process(*overrides))
    cfg = composed(*(override for override in overrides if override not in values))
    for override in OverridesParser.create().parse_overrides(values):
        OmegaConf.update(cfg, override.key_or_group, override.value(), merge=True)
    return cfg
