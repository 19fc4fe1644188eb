"""The criterion of narrowing: which trials are good, and which cuts are wanted."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

from toonvision.errors import ConfigError, did_you_mean


@dataclass(frozen=True, slots=True)
class Options:
    """What counts as good, and which cuts are wanted.

    Attributes:
        quantile: share of the trials that could be built which count as good, the best ones.
        threshold: trials with a better score count as good, whatever their share; None for the quantile.
        accept: the only hyperparameters to cut; empty for all.
        refuse: hyperparameters that are not cut.
    """

    quantile: float = 0.25
    threshold: float | None = None
    accept: Collection[str] = ()
    refuse: Collection[str] = ()

    def errors(self, names: Collection[str]) -> list[str]:
        """Return what is out of place, one message each, given the names of the hyperparameters."""
        errors = []
        if not (_is_number(self.quantile) and 0 < self.quantile < 1):
            errors.append(f"quantile: expected a share between 0 and 1. Received: {self.quantile!r}.")
        if self.threshold is not None and not (_is_number(self.threshold) and math.isfinite(self.threshold)):
            errors.append(f"threshold: expected a finite number. Received: {self.threshold!r}.")
        for option, given in (("accept", self.accept), ("refuse", self.refuse)):
            if not isinstance(given, Collection) or isinstance(given, str):
                errors.append(f"{option}: expected a list of hyperparameters. Received: {given!r}.")
                continue
            errors += [
                f"{option}: expected a hyperparameter of the run ({', '.join(names)}). Received: {name!r}."
                f"{did_you_mean(name, names)}"
                for name in given
                if name not in names
            ]
        return errors

    def on(self, names: Collection[str]) -> Options:
        """Return the same for a space of which an earlier cut has left these hyperparameters."""
        accept, refuse = ([name for name in given if name in names] for given in (self.accept, self.refuse))
        none_left = bool(self.accept) and not accept  # no names to accept would mean all
        return replace(self, accept=accept, refuse=list(names) if none_left else refuse)

    def check(self, names: Collection[str]) -> None:
        """Raise ConfigError for what is out of place, given the names of the hyperparameters."""
        if errors := self.errors(names):
            raise ConfigError("\n".join(errors))

    def allow(self, name: str) -> bool:
        """Whether this hyperparameter may be cut."""
        return name not in self.refuse and (not self.accept or name in self.accept)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
