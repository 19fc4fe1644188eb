"""`summary.json`: the outcome of a run, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from toonvision.health import health_cards
from toonvision.record.results import Results
from toonvision.record.run_state import Finalist
from toonvision.report.path import path_json
from toonvision.search_space.space import complete
from toonvision.trial.trial import Trial
from toonvision.verdict import in_words
from toonvision.verdict.comparison import ModelScores
from toonvision.verdict.test_looks import read_looks

SUMMARY = "summary.json"


def write(results: Results, directory: Path) -> Path:
    """Write the status, the chosen trial, the path, the test scores of both models, the health, counts and seconds."""
    state = results.state
    comparison = results.comparison
    best, chosen = next(iter(results.best(1)), None), results.chosen()
    content = {
        "status": state.status.value,
        "error": state.error,
        "ended_by": state.ended_by,
        "dataset": state.dataset,
        "fingerprint": state.fingerprint,
        "objective": results.config.objective.model_dump(),
        "best_trial": best and _trial(results, best),
        "chosen_trial": chosen and _trial(results, chosen),
        "finalists": [_finalist(results, finalist) for finalist in results.finalists] or None,
        "path": path_json(results) or None,
        "pareto_front": pareto_front(results) if results.config.objective.also else None,
        "test_examples": comparison and comparison.test_examples,
        "baseline": comparison and model_json(comparison.baseline),
        "tuned": comparison and model_json(comparison.tuned),
        "verdict": comparison and asdict(comparison.verdict) | {"in_words": in_words(comparison)},
        "health": [asdict(card) for card in health_cards(results)],
        "test_looks": len(read_looks(results.directory)),
        "trials": results.counts(),
        "seconds": round(state.seconds, 3),
    }
    path = directory / SUMMARY
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path


def pareto_front(results: Results) -> list[dict[str, Any]]:
    """Return id, objectives and values of each trial on the Pareto front."""
    names = list(results.config.objective.directions)
    return [
        {
            "trial_id": trial.id,
            **dict(zip(names, results.config.objective.reached(trial.outcome) or (), strict=True)),
            "values": complete(results.config.search_space, trial.values),
        }
        for trial in results.pareto_front()
    ]


def model_json(judged: ModelScores) -> dict[str, Any]:
    """Return the scores of a model on the test set, its costs, and what decided how long it was trained."""
    return judged_scores(judged) | {"duration": judged.duration and asdict(judged.duration)}


def judged_scores(judged: ModelScores) -> dict[str, Any]:
    """Return the scores of a model on the test set, and its costs."""
    return {
        **judged.all_scores,
        "parameters": judged.parameters,
        "epochs": judged.epochs,
        "seconds": round(judged.seconds, 3),
    }


def _trial(results: Results, trial: Trial) -> dict[str, Any]:
    return {
        "trial_id": trial.id,
        "source": results.source(trial),
        "score": trial.outcome.score,
        "parameters": trial.outcome.parameters,
        "values": complete(results.config.search_space, trial.values),
    }


def _finalist(results: Results, finalist: Finalist) -> dict[str, Any]:
    trial, outcome = results.trials[finalist.number], finalist.outcome
    return {
        "trial_id": trial.id,
        "status": outcome.status.value,
        "score": outcome.score,
        "scores": list(outcome.scores),
        "search_score": trial.outcome.score,
        "parameters": trial.outcome.parameters,
        "error": outcome.error,
    }
