"""`summary.json`: the outcome of a run, for a program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from toonvision.conclusion import Judged
from toonvision.results import Results

SUMMARY = "summary.json"


def write(results: Results, directory: Path) -> Path:
    """Write status, objective, best trial, the scores of both models on the test set, counts by status and seconds."""
    conclusion = results.conclusion
    comparison = conclusion.comparison
    best = next(iter(results.best(1)), None)
    content = {
        "status": conclusion.status.value,
        "error": conclusion.error,
        "ended_by": conclusion.ended_by,
        "dataset": conclusion.dataset,
        "fingerprint": conclusion.fingerprint,
        "objective": results.config["objective"],
        "best_trial": best and {"trial_id": best.id, "score": best.outcome.score, "values": results.best_values()},
        "test_examples": comparison and comparison.test_examples,
        "baseline": comparison and judged_scores(comparison.baseline),
        "tuned": comparison and judged_scores(comparison.tuned),
        "trials": results.counts(),
        "seconds": round(conclusion.seconds, 3),
    }
    path = directory / SUMMARY
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path


def judged_scores(judged: Judged) -> dict[str, Any]:
    """Return a model's scores on the test set, and what it cost."""
    return {
        "wrong": judged.wrong,
        "loss": judged.loss,
        **judged.metrics,
        "accuracy": judged.accuracy,
        "parameters": judged.parameters,
        "epochs": judged.epochs,
        "seconds": round(judged.seconds, 3),
    }
