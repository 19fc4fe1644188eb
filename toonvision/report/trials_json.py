"""`trials.json`: one object a trial, with what has no place in a table: the score of every single execution."""

from __future__ import annotations

import json
from pathlib import Path

from toonvision.results import Results


def write(results: Results, directory: Path) -> Path:
    """Write a list of objects with the columns of `trials.csv`, `scores`, a finalist's `fresh_scores`, and `promotion`.

    `promotion` is Hyperband's. `fresh_scores` are those with which a finalist was judged, null for any other trial.
    """
    fresh = {finalist.number: list(finalist.outcome.scores) for finalist in results.finalists}
    table = json.loads(results.to_frame().to_json(orient="records", double_precision=15))
    for row, trial in zip(table, results.trials, strict=True):
        row["scores"] = list(trial.outcome.scores)
        row["fresh_scores"] = fresh.get(trial.number)
        row["promotion"] = trial.promotion and {
            "epochs": trial.promotion.epochs,
            "initial_epoch": trial.promotion.initial_epoch,
            "parent": trial.promotion.parent_id,
        }
    path = directory / "trials.json"
    path.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    return path
