"""Comparisons of earlier versions, which knew one task, as comparisons of this version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toonvision.verdict.verdict import Kind

# The measures of `toonvision.task.multiclass` as earlier versions stored them.
_KINDS = (
    Kind("wrong", "errors", is_count=True),
    Kind("loss", "cross-entropy"),
    Kind("accuracy", "accuracy", "max", share_of="wrong"),
    Kind("precision", "macro precision", "max", is_detail=True),
    Kind("recall", "macro recall", "max", is_detail=True),
    Kind("f1", "macro F1", "max", is_detail=True),
)


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
        "task": "multiclass",
        "kinds": _KINDS,
        "examples": stored["examples"],
        "class_names": stored["class_names"],
        "confidence": stored["confidence"],
        "trivial": stored["examples"] - max(map(sum, matrix)),
        "baseline": _scores(stored["baseline"]),
        "tuned": _scores(stored["tuned"]),
        "differences": differences,
        "pairs": stored.get("pairs"),
        "test": stored["test"],
    }


def _scores(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "measures": {kind.name: stored[kind.name] for kind in _KINDS},
        "median": stored["median"],
        "confusion": stored["confusion"],
        "cost": stored["cost"],
    }
