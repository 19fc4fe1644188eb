"""`comparison.json`: the tuned model and the baseline, with their values and learning curves."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from toonvision.record.results import Results


def write(results: Results, directory: Path) -> Path:
    """Write the comparison, or null if the models have not been compared."""
    comparison = results.comparison
    path = directory / "comparison.json"
    path.write_text(json.dumps(asdict(comparison) if comparison else None, indent=2) + "\n", encoding="utf-8")
    return path
