"""Comparisons of earlier versions, which knew one task, as comparisons of this version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toonvision.task.multiclass import Multiclass
from toonvision.verdict import Kind


def as_now(comparison: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return a stored comparison in the form of this version; one of this version as it is.

    Raises:
        LookupError, TypeError: if no version has written it.
    """
    if comparison is None or "kinds" in comparison["verdict"]:
        return comparison
    models = {role: _model(comparison[role]) for role in ("baseline", "tuned")}
    return {**comparison, **models, "verdict": _verdict(comparison["verdict"])}


def _model(stored: Mapping[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in stored.items() if key not in ("wrong", "accuracy")}
    return {**rest, "scores": {"wrong": stored["wrong"], "accuracy": stored["accuracy"]}}


def _verdict(stored: Mapping[str, Any]) -> dict[str, Any]:
    kinds = [kind for kind in Multiclass.kinds if kind.name in stored["baseline"]]
    matrix = stored["baseline"]["confusion"]
    differences = {
        name: {
            "value": stored[key],
            "interval": stored.get(f"{key}_interval"),
            "p_value": stored.get(f"{key}_p_value"),
        }
        for name, key in (("wrong", "fewer_wrong"), ("loss", "lower_loss"))
        if stored.get(key) is not None
    }
    return {
        "task": Multiclass.name,
        "kinds": kinds,
        "examples": stored["examples"],
        "class_names": stored["class_names"],
        "confidence": stored["confidence"],
        "trivial": stored["examples"] - max(map(sum, matrix)),
        "baseline": _scores(stored["baseline"], kinds),
        "tuned": _scores(stored["tuned"], kinds),
        "differences": differences,
        "pairs": stored.get("pairs"),
        "test": stored["test"],
    }


def _scores(stored: Mapping[str, Any], kinds: Sequence[Kind]) -> dict[str, Any]:
    return {
        "measures": {kind.name: stored[kind.name] for kind in kinds},
        "median": stored["median"],
        "confusion": stored["confusion"],
        "cost": stored["cost"],
    }
