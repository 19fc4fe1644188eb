"""A verdict on test examples of which each role gets a given number wrong."""

from __future__ import annotations

import numpy as np

from toonvision.task.multiclass import Multiclass
from toonvision.verdict import Cost, Role, Verdict, reach_verdict


def made_verdict(examples: int, *, baseline_wrong: int, tuned_wrong: int) -> Verdict:
    labels = np.arange(examples) % 2
    baseline, tuned = (
        Role(_probabilities(labels, wrong), Cost(parameters, 60_000, 0.01, 64))
        for wrong, parameters in ((baseline_wrong, 14_620), (tuned_wrong, 6_812))
    )
    return reach_verdict(Multiclass(), labels, ("even", "odd"), baseline=baseline, tuned=tuned, seed=1)


def _probabilities(labels: np.ndarray, wrong: int) -> np.ndarray:
    said = np.where(np.arange(len(labels)) < wrong, 1 - labels, labels)
    return np.where(np.arange(2) == said[:, None], 0.9, 0.1)[None]
