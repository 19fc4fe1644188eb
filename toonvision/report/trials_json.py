"""`trials.json`: one object a trial, with what has no place in a table: the score of every single execution."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

from toonvision.record.results import Results


def write(results: Results, directory: Path) -> Path:
    """Write a list of objects with the columns of `trials.csv`, `scores`, a finalist's `fresh_scores`, and `promotion`.

    `promotion` is Hyperband's. `fresh_scores` are those with which a finalist was judged, null for any other trial. A
    value that a trial does not have is null, and so is one that is not finite, for which JSON has no number.
    """
    fresh = {finalist.number: list(finalist.outcome.scores) for finalist in results.finalists}
    rows = [
        {name: _plain(value) for name, value in row.items()}
        | {
            "scores": list(trial.outcome.scores),
            "fresh_scores": fresh.get(trial.number),
            "promotion": trial.promotion
            and {
                "epochs": trial.promotion.epochs,
                "initial_epoch": trial.promotion.initial_epoch,
                "parent": trial.promotion.parent_id,
            },
        }
        for row, trial in zip(results.to_frame().to_dict("records"), results.trials, strict=True)
    ]
    path = directory / "trials.json"
    path.write_text(json.dumps(rows, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    return path


def _plain(value: Any) -> Any:
    missing = value is pd.NA or (isinstance(value, float) and not math.isfinite(value))
    return None if missing else value
