"""The outcome of a run for programs."""

from __future__ import annotations

import json
from pathlib import Path

from toonvision.health import health_cards
from toonvision.record.results import Results
from toonvision.report import summary


def test_the_summary_has_the_outcome(varied: Results, tmp_path: Path) -> None:
    content = json.loads(summary.write(varied, tmp_path).read_text())
    assert content["status"] == "COMPLETED"
    assert content["objective"] == {"name": "val_loss", "direction": "min", "also": {}}
    assert content["best_trial"]["trial_id"] == "0000"
    assert content["trials"] == {"COMPLETED": 2, "FAILED": 1, "INFEASIBLE": 1, "RUNNING": 1}
    assert varied.comparison is not None
    assert content["tuned"]["wrong"] == varied.comparison.tuned.scores["wrong"]
    assert [card["name"] for card in content["health"]] == [card.name for card in health_cards(varied)]
    assert content["health"][0].keys() == {"name", "status", "finding", "action"}
    assert content["baseline"]["parameters"] == varied.comparison.baseline.parameters
