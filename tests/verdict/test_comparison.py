"""The comparison of both models survives the record."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from pydantic import TypeAdapter

from tests.made_verdict import made_verdict
from toonvision.verdict.comparison import Comparison, ModelScores

BASELINE = ModelScores({"a": None, "b": 1.5}, 4, 0.2, 0.9, {"accuracy": 0.9}, 100, 5, 1.5, {"loss": [2.0, None]})


def test_a_comparison_is_rebuilt_from_json() -> None:
    verdict = made_verdict(30, baseline_wrong=4, tuned_wrong=1)
    comparison = Comparison(30, BASELINE, replace(BASELINE, wrong=1), verdict)
    assert TypeAdapter(Comparison).validate_json(json.dumps(asdict(comparison))) == comparison
