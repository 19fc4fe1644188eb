"""All trials as a table, one row a trial: the body of `trials.csv`, `trials.json` and `trials.parquet`."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

from toonvision.record.results import Results
from toonvision.report.cell import without_formulas
from toonvision.trial.trial import Promotion


def write_csv(results: Results, directory: Path) -> Path:
    """Write `trials.csv`; a missing value is an empty cell, and a text that begins like a formula gets an apostrophe.

    A carriage return within a text becomes a newline: before 3.12.3, Python's csv module does not quote it, and a
    reader takes it for the end of the line.
    """
    path = directory / "trials.csv"
    without_formulas(results.to_frame().replace(r"\r\n?", "\n", regex=True)).to_csv(path, index=False)
    return path


def write_json(results: Results, directory: Path) -> Path:
    """Write `trials.json`: a list of objects with the columns of `trials.csv` and three more.

    `scores` are the scores of all executions. `fresh_scores` are a finalist's, null for other trials. `promotion` is
    Hyperband's. A missing or infinite value is null: JSON has no number for it.
    """
    fresh = {finalist.number: list(finalist.outcome.scores) for finalist in results.finalists}
    rows = [
        {name: _plain(value) for name, value in row.items()}
        | {
            "scores": list(trial.outcome.scores),
            "fresh_scores": fresh.get(trial.number),
            "promotion": trial.promotion and _promotion(trial.promotion),
        }
        for row, trial in zip(results.to_frame().to_dict("records"), results.trials, strict=True)
    ]
    path = directory / "trials.json"
    path.write_text(json.dumps(rows, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    return path


def write_parquet(results: Results, directory: Path) -> Path:
    """Write `trials.parquet`, typed columns for pandas, Polars, DuckDB and R; a missing value is null."""
    path = directory / "trials.parquet"
    results.to_frame().to_parquet(path, engine="pyarrow", index=False)
    return path


def _plain(value: Any) -> Any:
    missing = value is pd.NA or (isinstance(value, float) and not math.isfinite(value))
    return None if missing else value


def _promotion(promotion: Promotion) -> dict[str, Any]:
    return {"epochs": promotion.epochs, "initial_epoch": promotion.initial_epoch, "parent": promotion.parent_id}
