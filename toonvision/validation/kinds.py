"""Whether a target is of the kind that its place in the configuration takes: no sampler as the pruner."""

from __future__ import annotations

from toonvision.errors import Problem

# What a target is, by the package that it lies in, and what the places of the configuration take.
KINDS = {
    "keras.callbacks.": "a callback",
    "keras.layers.": "a layer",
    "keras.losses.": "a loss",
    "keras.metrics.": "a metric",
    "keras.optimizers.": "an optimizer",
    "keras_tuner.oracles.": "an oracle",
    "optuna.pruners.": "a pruner",
    "optuna.samplers.": "a sampler",
    "optuna.storages.": "a storage",
    "toonvision.dataset.": "a dataset",
    "toonvision.executor.": "an executor",
    "toonvision.metric.": "a metric",
    "toonvision.oracle.": "an oracle",
    "toonvision.report.": "a report",
    "toonvision.task.": "a task",
    "toonvision.tracker.": "a tracker",
}
PLACES = {
    "dataset": "a dataset",
    "executor": "an executor",
    "pruner": "a pruner",
    "report.formats.*": "a report",
    "report.live.*": "a report",
    "storage": "a storage",
    "strategy.rounds.*": "an oracle",
    "strategy.rounds.*.sampler": "a sampler",
    "task": "a task",
    "tracker": "a tracker",
    "training.augmentation.*": "a layer",
    "training.callbacks.*": "a callback",
    "training.fine_tuning.optimizer": "an optimizer",
    "training.loss": "a loss",
    "training.optimizer": "an optimizer",
    "training.retrain.callbacks.*": "a callback",
    "training.retrain.validation_callbacks.*": "a callback",
    "tuner": "an oracle",
    "tuner.sampler": "a sampler",
}


def kind_problem(target: str, path: str) -> Problem | None:
    """Return the problem of a target of another kind than its place takes, say a sampler as the pruner.

    Args:
        target: an import path.
        path: of the node in the configuration.
    """
    kind = next((kind for package, kind in KINDS.items() if target.startswith(package)), None)
    place = next((kind for pattern, kind in PLACES.items() if _matches(path, pattern)), None)
    if kind is None or place is None or kind == place:
        return None
    packages = " or ".join(package.removesuffix(".") for package, other in KINDS.items() if other == place)
    return Problem(f"{path}._target_", f"{place}, below {packages}", f"{target!r}, {kind}")


def _matches(path: str, pattern: str) -> bool:
    parts, wanted = path.split("."), pattern.split(".")
    return len(parts) == len(wanted) and all(name in ("*", part) for part, name in zip(parts, wanted, strict=True))
