"""A completed run with finalists, a path and the predictions of both models, for the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.synthetic_run import ENDINGS, completed_run, conclude
from toonvision.dataset import load_dataset
from toonvision.record.results import Results
from toonvision.record.run_state import Finalist, RunState
from toonvision.search.ablation import plan_steps
from toonvision.trial.trial import Outcome, Reason, TrialStatus
from toonvision.verdict import predictions as stored_predictions
from toonvision.verdict.predictions import Predictions

HOSTILE = "<script>alert(1)</script>"
MESSAGE = f'model.blocks.x: {HOSTILE} <img src=x onerror=alert(2)> "quoted"\nsecond line'


def judged_run(directory: Path, *overrides: str, trials: int = 40) -> Results:
    """Make a completed run in which one trial in eleven is running; `path.seeds` adds a path and finalists."""
    endings = (*ENDINGS, TrialStatus.RUNNING)
    results = completed_run(directory, *overrides, trials=trials, error=MESSAGE, endings=endings)
    data = load_dataset(results.config.default_trial.dataset)
    state = replace(results.state, dataset=data.name, fingerprint=data.fingerprint)
    if results.config.path.seeds:
        state = _with_path(results, state)
    chosen = replace(results, state=state).best_values()
    comparison = state.comparison
    assert comparison is not None
    comparison = replace(comparison, tuned=replace(comparison.tuned, values=chosen))
    conclude(results, replace(state, comparison=comparison))
    (directory / "models").mkdir()
    names, labels = data.test.example_names, data.test.y.tolist()
    stored_predictions.write(_predictions(list(names), labels, data.class_names), directory)
    return Results.load(directory)


def _with_path(results: Results, state: RunState) -> RunState:
    """Add a finalist, a failed one, and a path whose second step cannot be built."""
    first, second = results.best(2)
    failed = Outcome(TrialStatus.FAILED, error=MESSAGE, reason=Reason.RAISED)
    finalists = (Finalist(first.number, 2, failed), Finalist(second.number, 2, _fresh(0.2, (-0.01, 0.01))))
    state = replace(state, finalists=finalists)
    config, chosen = results.config, replace(results, state=state).best_values()
    seeds = config.path.seeds
    steps = plan_steps(config.search_space, config.baseline, chosen=chosen, importance={}, seeds=seeds)
    spread = np.linspace(-0.02, 0.03, seeds)
    outcomes = [_fresh(0.5 - 0.04 * step.number, spread) for step in steps]
    outcomes[2] = Outcome(TrialStatus.INFEASIBLE, error=MESSAGE, reason=Reason.INFEASIBLE)
    path = tuple(replace(step, outcome=outcome) for step, outcome in zip(steps, outcomes, strict=True))
    return replace(state, path=path)


def _fresh(score: float, spread: Iterable[float]) -> Outcome:
    scores = tuple(float(score + by) for by in spread)
    return Outcome(TrialStatus.COMPLETED, float(np.mean(scores)), scores, {}, 8, 4, 5000, 2.0)


def _predictions(names: list[str], labels: list[int], classes: tuple[str, ...]) -> Predictions:
    """Return predictions: every fourth of the baseline and every sixth of the tuned model is wrong."""
    rng = np.random.default_rng(3)

    def probabilities(every: int) -> NDArray[np.float32]:
        scores = rng.uniform(0, 1, (len(labels), len(classes)))
        for index, label in enumerate(labels):
            scores[index, (label + (index % every == 0)) % len(classes)] += 2
        normalized: NDArray[np.float32] = (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)
        return normalized

    return Predictions(
        tuple(names), np.array(labels), classes, {"baseline": probabilities(4), "tuned": probabilities(6)}
    )


def images(directory: Path) -> Path:
    """Write a folder of small images, one class of which has a name that would be a script."""
    for label, name in enumerate(("<script>alert(1)<", "b")):  # no slash, which a folder's name cannot have
        (directory / name).mkdir(parents=True)
        for number in range(20):
            pixels = np.full((24, 24, 3), 100 * label + number, np.uint8)
            Image.fromarray(pixels).save(directory / name / f"<b>{number:02d}.png")
    return directory
