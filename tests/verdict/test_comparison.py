"""The comparison of both models survives the record."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from pydantic import TypeAdapter

from tests.made_verdict import made_verdict
from toonvision.verdict.comparison import Comparison, Duration, ModelScores

SCORES: dict[str, int | float] = {"wrong": 4, "accuracy": 0.9}
BASELINE = ModelScores({"a": None, "b": 1.5}, SCORES, 0.2, {"accuracy": 0.9}, 100, 5, 1.5, {"loss": [2.0, None]})


def test_a_comparison_of_a_version_without_durations_is_read() -> None:
    comparison = Comparison(30, BASELINE, BASELINE, made_verdict(30, baseline_wrong=4, tuned_wrong=4))
    stored = asdict(comparison)
    for role in ("baseline", "tuned"):
        del stored[role]["duration"]
    assert TypeAdapter(Comparison).validate_json(json.dumps(stored)) == comparison


def test_a_comparison_is_rebuilt_from_json() -> None:
    verdict = made_verdict(30, baseline_wrong=4, tuned_wrong=1)
    comparison = Comparison(30, BASELINE, replace(BASELINE, duration=Duration(6, 100, (5, 8))), verdict)
    assert TypeAdapter(Comparison).validate_json(json.dumps(asdict(comparison))) == comparison
