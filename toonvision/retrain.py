"""Training chosen values from scratch on train + validation, and judging them once on the test set."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from toonvision.conclusion import Comparison, Judged
from toonvision.config import Config, resolve
from toonvision.dataset import Dataset, Split, load_dataset
from toonvision.errors import SearchError
from toonvision.model import InfeasibleError, build_model
from toonvision.predictions import ROLES, Predictions, write
from toonvision.search_space import Values, complete
from toonvision.training import Fit, fit, predict, start_afresh

OnEpoch = Callable[[str, int, dict[str, float]], None]


def compare(config: Config, best: Values, directory: Path, *, on_epoch: OnEpoch) -> Comparison:
    """Train the baseline and the best values the same way, and judge both on the same test examples.

    Args:
        config: valid.
        best: a value for every name of the search space.
        directory: the run's; `models/` gets `baseline.keras`, `tuned.keras` and `predictions.csv`.
        on_epoch: called after every epoch, with the role, the most epochs there may be, and the metrics.

    Raises:
        SearchError: if one of the two cannot be built, or ends with a loss that is not finite.
    """
    values = {"baseline": complete(config["search_space"], config["baseline"]), "tuned": best}
    resolved = {role: resolve(config, values[role]) for role in ROLES}
    datasets = {role: load_dataset(resolved[role]["dataset"]) for role in ROLES}
    tests = dict(zip(ROLES, _common_tests(*(datasets[role].test for role in ROLES)), strict=True))
    models = directory / "models"
    judged = {
        role: judge(resolved[role], datasets[role], test=tests[role], path=models / f"{role}.keras", on_epoch=on_epoch)
        for role in ROLES
    }
    test, class_names = tests["tuned"], datasets["tuned"].class_names
    probabilities = {role: of_role for role, (_, of_role) in judged.items()}
    write(Predictions(test.example_names, test.y, class_names, probabilities), directory)
    return Comparison(len(test), judged["baseline"][0], judged["tuned"][0])


def judge(
    resolved: Config, dataset: Dataset, *, test: Split, path: Path, on_epoch: OnEpoch
) -> tuple[Judged, NDArray[np.float32]]:
    """Train one set of values on train + validation, save the model, and judge it on `test`.

    Args:
        resolved: as `toonvision.config.resolve` returns it.
        dataset: whose train and validation examples are learned.
        test: the examples to judge by.
        path: of the model's file; its stem is the model's role.
        on_epoch: called after every epoch.

    Returns:
        The model's scores, and the probability of each class for each test example.

    Raises:
        SearchError: if the model cannot be built, or its loss on the test set is not finite.
    """
    started = time.monotonic()
    role, training, settings = path.stem, resolved["training"], resolved["training"]["retrain"]
    start_afresh(resolved["seed"], training["precision"])
    try:
        model = build_model(resolved, input_shape=dataset.input_shape, n_classes=len(dataset.class_names))
    except InfeasibleError as error:
        raise SearchError(f"The {role} model cannot be built on {dataset.name}: {error}") from error
    how = Fit(
        settings["epochs"], training["batch_size"], settings["callbacks"], "training.retrain", training["class_weight"]
    )
    watch = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: on_epoch(role, how.epochs, {"epoch": epoch, **(logs or {})})
    )
    history = fit(model, how, train=_joined(dataset.train, dataset.validation), validation=None, watch=[watch])
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path)
    scores = _evaluate(model, test, training["batch_size"])
    if not math.isfinite(scores["loss"]):
        raise SearchError(f"The {role} model has diverged: its loss on the test set is {scores['loss']}.")
    probabilities = predict(model, test, training["batch_size"])
    wrong = int(np.sum(probabilities.argmax(axis=1) != test.y))
    judged = Judged(
        values=resolved["search_space"],
        wrong=wrong,
        loss=scores.pop("loss"),
        accuracy=1 - wrong / len(test),
        metrics=scores,
        parameters=model.count_params(),
        epochs=len(history["loss"]),
        seconds=time.monotonic() - started,
        history={name: [v if math.isfinite(v) else None for v in values] for name, values in history.items()},
    )
    return judged, probabilities


def _evaluate(model: keras.Model, test: Split, batch_size: int) -> dict[str, float]:
    scores: Mapping[str, Any] = model.evaluate(test.x, test.y, batch_size=batch_size, verbose=0, return_dict=True)
    return {name: float(value) for name, value in scores.items()}


def _joined(train: Split, validation: Split) -> Split:
    return Split(np.concatenate([train.x, validation.x]), np.concatenate([train.y, validation.y]))


def _common_tests(baseline: Split, tuned: Split) -> tuple[Split, Split]:
    """Return the test examples that both have: all of them, unless a ratio of the split was a hyperparameter."""
    if baseline.names == tuned.names:
        return baseline, tuned
    common = sorted(set(baseline.names) & set(tuned.names))
    return _only(baseline, common), _only(tuned, common)


def _only(split: Split, names: list[str]) -> Split:
    position = {name: index for index, name in enumerate(split.names)}
    indices = [position[name] for name in names]
    return Split(split.x[indices], split.y[indices], tuple(names))
