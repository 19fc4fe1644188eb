"""Predictions of models on one test set, with errors on given examples or with uncertain answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from toonvision.task.multiclass import Multiclass
from toonvision.verdict import Cost, Role, Verdict, reach_verdict

N, CLASSES = 197, ("bossbot", "cashbot", "lawbot", "sellbot")
LABELS = np.random.default_rng(0).integers(len(CLASSES), size=N)
COST = Cost(parameters=14_620, file_bytes=230_000, batch_seconds=0.02, batch_size=64)


def predictions(*wrong: Iterable[int], parameters: int = COST.parameters) -> Role:
    """Return one model for each set of examples that it is to have wrong."""
    probabilities = np.full((len(wrong), N, len(CLASSES)), 0.05)
    for model, examples in zip(probabilities, wrong, strict=True):
        answers = LABELS.copy()
        answers[list(examples)] = (answers[list(examples)] + 1) % len(CLASSES)
        model[np.arange(N), answers] = 0.85
    return Role(probabilities, replace(COST, parameters=parameters))


def verdict(baseline: Role, tuned: Role, seed: int = 1) -> Verdict:
    return reach_verdict(Multiclass(), LABELS, CLASSES, baseline=baseline, tuned=tuned, seed=seed)


def uncertain(seed: int, models: int = 3) -> Role:
    """Return models that are better than chance and never sure."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(models, N, len(CLASSES)))
    scores[:, np.arange(N), LABELS] += 1.5
    exponents = np.exp(scores)
    return Role(exponents / exponents.sum(axis=-1, keepdims=True), COST)
