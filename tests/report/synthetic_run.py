"""Runs without a training: a record as a search leaves it, of made-up outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from omegaconf import OmegaConf

from tests.made_verdict import made_verdict
from toonvision.ablation import plan_steps
from toonvision.conclusion import Comparison, Conclusion, Finalist, Judged, RunStatus
from toonvision.config import compose
from toonvision.predictions import Predictions
from toonvision.record import Record
from toonvision.results import Results
from toonvision.search_space import fixed_values, hyperparameters, is_active, possible_values
from toonvision.trial import Outcome, Reason, TrialStatus
from toonvision.validation import validate

RUNS_OF_LUCK = 12  # every so many trials, one of each ends otherwise than COMPLETED


def synthetic_run(
    directory: Path, *overrides: str, trials: int = 40, conclusion: Conclusion | None = None, error: str = "no reason"
) -> Results:
    """Write the record of a search whose score depends on two hyperparameters and on chance.

    Args:
        directory: of the run.
        overrides: of the configuration; with `path.seeds`, there are a path and two finalists.
        trials: how many, of all statuses.
        conclusion: of the run; RUNNING if None.
        error: of the trials that have one.
    """
    cfg = compose(["storage=journal", *overrides])
    config = validate(cfg)
    (directory / ".hydra").mkdir(parents=True)
    OmegaConf.save(cfg, directory / ".hydra" / "config.yaml")
    space = config["search_space"]
    record = Record.create(config["storage"], directory, space=space, objective=config["objective"])
    rng = np.random.default_rng(7)
    rounds = list(config["strategy"]["rounds"])
    for number in range(trials):
        values = _drawn(space, rng)
        trial = record.begin(values, None, slot=0, round=rounds[number * len(rounds) // trials])
        outcome = _outcome(number, values, rng, error)
        if outcome.status is TrialStatus.RUNNING:
            continue
        for epoch in range(outcome.epochs):
            record.report(trial.number, epoch, (outcome.score or 1.0) * (1 + 2 * np.exp(-epoch)))
        record.finish(trial, outcome, elapsed=2.0 * number)
    record.conclude(conclusion or Conclusion())
    results = Results.load(directory)
    if config["path"]["seeds"]:
        results = replace(results, conclusion=_with_path(results, error))
    if comparison := results.conclusion.comparison:
        tuned = replace(comparison.tuned, values=results.best_values())
        results = replace(results, conclusion=replace(results.conclusion, comparison=replace(comparison, tuned=tuned)))
    record.conclude(results.conclusion)
    return Results.load(directory)


def completed(config_values: dict[str, object], *, baseline_wrong: int = 5, tuned_wrong: int = 2) -> Conclusion:
    """Return how a run of the embedded digits ends."""
    histories = {"loss": [1.2, 0.6, 0.4], "accuracy": [0.5, 0.8, 0.9]}
    baseline = Judged(config_values, baseline_wrong, 0.41, 0.9, {"accuracy": 0.9}, 14_620, 3, 9.5, histories)
    tuned = Judged(config_values, tuned_wrong, 0.12, 0.96, {"accuracy": 0.96}, 6_812, 3, 12.5, histories)
    verdict = made_verdict(50, baseline_wrong=baseline_wrong, tuned_wrong=tuned_wrong)
    return Conclusion(RunStatus.COMPLETED, "digits", "0ab1", 80.0, comparison=Comparison(50, baseline, tuned, verdict))


def _with_path(results: Results, error: str) -> Conclusion:
    """Return the conclusion with a finalist, another that is out, and a path whose second step cannot be built."""
    first, second = results.best(2)
    failed = Outcome(TrialStatus.FAILED, error=error, reason=Reason.RAISED)
    finalists = (Finalist(first.number, 2, failed), Finalist(second.number, 2, _fresh(0.2, (-0.01, 0.01))))
    conclusion = replace(results.conclusion, finalists=finalists)
    config, chosen = results.config, replace(results, conclusion=conclusion).best_values()
    seeds = config["path"]["seeds"]
    steps = plan_steps(config["search_space"], config["baseline"], chosen=chosen, importance={}, seeds=seeds)
    spread = np.linspace(-0.02, 0.03, seeds)
    outcomes = [_fresh(0.5 - 0.04 * step.number, spread) for step in steps]
    outcomes[2] = Outcome(TrialStatus.INFEASIBLE, error=error, reason=Reason.INFEASIBLE)
    path = tuple(replace(step, outcome=outcome) for step, outcome in zip(steps, outcomes, strict=True))
    return replace(conclusion, path=path)


def _fresh(score: float, spread: Iterable[float]) -> Outcome:
    scores = tuple(float(score + by) for by in spread)
    return Outcome(TrialStatus.COMPLETED, float(np.mean(scores)), scores, {}, 8, 4, 5000, 2.0)


def predictions(names: list[str], labels: list[int], classes: tuple[str, ...]) -> Predictions:
    """Return predictions of which the baseline has every fourth wrong, and the tuned model every sixth."""
    rng = np.random.default_rng(3)

    def probabilities(every: int) -> np.ndarray:
        scores = rng.uniform(0, 1, (len(labels), len(classes)))
        for index, label in enumerate(labels):
            scores[index, (label + (index % every == 0)) % len(classes)] += 2
        return (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)

    return Predictions(
        tuple(names), np.array(labels), classes, {"baseline": probabilities(4), "tuned": probabilities(6)}
    )


def _drawn(space: dict[str, object], rng: np.random.Generator) -> dict[str, object]:
    drawn = dict(fixed_values(space))
    for name, entry in hyperparameters(space).items():
        if is_active(entry.get("when"), drawn):
            possible = possible_values(entry)
            one = int(rng.integers(len(possible))) if possible else rng.uniform(entry["min_value"], entry["max_value"])
            drawn[name] = possible[one] if possible else float(one)
    return {name: value for name, value in drawn.items() if name in hyperparameters(space)}


def _outcome(number: int, values: dict[str, object], rng: np.random.Generator, error: str) -> Outcome:
    kind = number % RUNS_OF_LUCK
    if kind == 5:
        return Outcome(TrialStatus.INFEASIBLE, seconds=0.1, error=error, reason=Reason.INFEASIBLE)
    if kind == 7:
        return Outcome(TrialStatus.FAILED, epochs=2, parameters=900, seconds=1.5, error=error, reason=Reason.DIVERGED)
    if kind == 9 and number < RUNS_OF_LUCK:
        return Outcome(TrialStatus.RUNNING)
    size, rate = values.get("conv_1_filters", 8), values.get("dropout_1_rate", 0.3)
    loss = float(0.15 + 0.9 * rate**2 + 0.6 / size + rng.gamma(1.0, 0.08))
    metrics = {"accuracy": 1 - loss / 3, "loss": 0.8 * loss, "val_accuracy": 1 - loss / 2.5, "val_loss": loss}
    parameters = int(400 * size + rng.integers(4000))
    if kind == 11:
        return Outcome(TrialStatus.PRUNED, loss, (loss,), metrics, 3, 3, parameters, 2.0, "at epoch 3", Reason.PRUNED)
    return Outcome(TrialStatus.COMPLETED, loss, (loss,), metrics, 8, 8, parameters, float(rng.uniform(2, 9)))
