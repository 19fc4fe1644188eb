"""What a hyperparameter is to Optuna: the distribution of which the record says that its values were drawn."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution


def distribution(entry: Mapping[str, Any]) -> BaseDistribution:
    """Return Optuna's distribution for a hyperparameter's entry in the search space.

    A logarithmic range with a (multiplicative) step has none in Optuna; there the step is left out.
    """
    if entry["hp"] == "Choice":
        return CategoricalDistribution(entry["values"])
    if entry["hp"] == "Boolean":
        return CategoricalDistribution([False, True])
    if entry["hp"] == "Fixed":
        return CategoricalDistribution([entry["value"]])
    low, high, step = entry["min_value"], entry["max_value"], entry.get("step")
    log = entry.get("sampling") == "log"
    if log or entry.get("sampling") == "reverse_log":
        step = None
    if step is not None:
        high = _last_of_steps(low, high, step)
    if entry["hp"] == "Int":
        return IntDistribution(low, high, log=log, step=step or 1)
    return FloatDistribution(low, high, log=log, step=step)


def _last_of_steps(low: float, high: float, step: float) -> float:
    """Return the last value that the steps reach, in decimals as written: 0.6, not 0.6000000000000001."""
    first, last, width = (Decimal(str(number)) for number in (low, high, step))
    reached = first + (last - first) // width * width
    return int(reached) if isinstance(low, int) and isinstance(step, int) else float(reached)
