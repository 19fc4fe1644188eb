"""`comparison.json`: the tuned model beside the baseline, both with their values and their learning curves."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from toonvision.record.results import Results


def write(results: Results, directory: Path) -> Path:
    """Write the comparison, or null where the run has not come so far."""
    comparison = results.comparison
    path = directory / "comparison.json"
    path.write_text(json.dumps(asdict(comparison) if comparison else None, indent=2) + "\n", encoding="utf-8")
    return path
