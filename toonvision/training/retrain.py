"""Training chosen values from scratch on train + validation, and judging them once on the test set."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from toonvision.config.schema import RunConfig
from toonvision.dataset import Dataset, Split, load_dataset
from toonvision.dataset.cache import looks_file
from toonvision.errors import SearchError
from toonvision.search_space.space import Values, complete
from toonvision.task import as_learned, load_task
from toonvision.training.cost import measure_cost
from toonvision.training.feed import in_order
from toonvision.training.final_training import FinalModel, choose_duration, train_final
from toonvision.training.fit import predict
from toonvision.training.trainer import OnEpoch
from toonvision.verdict import Cost, Role, measured, reach_verdict
from toonvision.verdict.comparison import Comparison, Duration, ModelScores
from toonvision.verdict.predictions import ROLES, Predictions, columns, write
from toonvision.verdict.test_looks import Subject, note_look

# Of the seed: nothing was chosen by these seeds. Those of the finalists count up from 1000, of the path from 2000.
SHIFT = 3000


@dataclass(frozen=True, slots=True)
class Retrained:
    """One model, trained on train + validation, saved, and judged.

    Attributes:
        judged: its scores on the test set.
        predictions: what its output layer gives for each test example, shape `(n, units)`.
        cost: what it costs to keep and to use.
        path: of its file.
    """

    judged: ModelScores
    predictions: NDArray[np.float32]
    cost: Cost
    path: Path


def compare(config: RunConfig, best: Values, directory: Path, *, trial: str | None, on_epoch: OnEpoch) -> Comparison:
    """Train the baseline and the best values the same way, with each seed, and judge all on the same test examples.

    Args:
        config: valid.
        best: a value for every name of the search space.
        directory: the run's; `models/` gets `baseline.keras` and `tuned.keras`, each the median of its seeds by the
            decisive measure, what these two predict as `predictions.csv`, and the preprocessing of a table.
        trial: id of the trial that the values come from.
        on_epoch: called after every epoch, with the role, what it learns, the most epochs, and the metrics.

    Raises:
        SearchError: if a model cannot be built, or ends with a loss that is not finite.
        ConfigError: if no model of the task predicts what these do.
    """
    values = {"baseline": complete(config.search_space, config.baseline), "tuned": best}
    trials = {role: config.resolve(values[role]) for role in ROLES}
    datasets = {role: load_dataset(trials[role].dataset) for role in ROLES}
    tests = dict(zip(ROLES, _common_tests(*(datasets[role].test for role in ROLES)), strict=True))
    test, class_names = tests["tuned"], datasets["tuned"].class_names
    seeds = tuple(config.seed + SHIFT + number for number in range(trials["tuned"].training.retrain.seeds))
    finals = {role: FinalModel(role, trials[role], datasets[role], on_epoch) for role in ROLES}
    durations = {role: choose_duration(finals[role], seeds) for role in ROLES}
    subjects = [Subject(role, values[role], seeds, trial if role == "tuned" else None) for role in ROLES]
    why = "the comparison of the tuned values with the baseline"
    fingerprint = datasets["tuned"].fingerprint
    note_look(
        directory,
        why=why,
        fingerprint=fingerprint,
        examples=len(test),
        subjects=subjects,
        all_looks=looks_file(fingerprint),
    )
    models = directory / "models"
    trained = {
        role: [
            judge(finals[role].with_seed(seed), durations[role], path=models / f"{role}.{seed}.keras", test=tests[role])
            for seed in seeds
        ]
        for role in ROLES
    }
    task = load_task(config.task)
    answers = {
        role: Role(
            np.stack([one.predictions for one in trained[role]]),
            trained[role][0].cost,
            durations[role].threshold,
        )
        for role in ROLES
    }
    reached = reach_verdict(
        task, test.y, class_names, baseline=answers["baseline"], tuned=answers["tuned"], seed=config.seed
    )
    medians = {
        "baseline": trained["baseline"][reached.baseline.median],
        "tuned": trained["tuned"][reached.tuned.median],
    }
    for role in ROLES:
        medians[role].path.replace(models / f"{role}.keras")
        keep_preprocessing(datasets[role], models / f"{role}.keras")
        for other in trained[role]:
            other.path.unlink(missing_ok=True)
    predictions = {role: columns(medians[role].predictions, len(class_names)) for role in ROLES}
    write(Predictions(test.example_names, test.y, class_names, predictions), directory)
    return Comparison(len(test), medians["baseline"].judged, medians["tuned"].judged, reached)


def judge(final: FinalModel, duration: Duration, *, path: Path, test: Split) -> Retrained:
    """Train a model on train + validation, save it, and judge it on `test`.

    Args:
        final: the model to train.
        duration: for how many epochs.
        path: of the file to write.
        test: the examples to judge by.

    Raises:
        SearchError: if the model cannot be built or saved, or its loss on the test set is not finite.
    """
    started = time.monotonic()
    config, training = final.config, final.config.training
    model, history, duration = train_final(final, duration)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        model.save(path)
    except NotImplementedError as error:  # a class of the user's own without get_config
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise SearchError(f"The {final.role} model cannot be saved: {' '.join(lines[:4])}") from error
    task = load_task(config.task)
    scores = _evaluate(model, as_learned(task, test, final.dataset), training.batch_size)
    if not math.isfinite(scores["loss"]):
        raise SearchError(f"The {final.role} model has diverged: its loss on the test set is {scores['loss']}.")
    predictions = predict(model, test, training.batch_size)
    found = measured(task, test.y, predictions, duration.threshold)
    judged = ModelScores(
        values=config.values,
        scores={kind.name: found[kind.name] for kind in task.kinds if kind.name != "loss" and not kind.is_detail},
        loss=scores.pop("loss"),
        metrics=scores,
        parameters=model.count_params(),
        epochs=len(history["loss"]),
        seconds=time.monotonic() - started,
        history={name: [v if math.isfinite(v) else None for v in values] for name, values in history.items()},
        duration=duration,
    )
    return Retrained(judged, predictions, measure_cost(model, path, test, training.batch_size), path)


def keep_preprocessing(dataset: Dataset, model: Path) -> None:
    """Write what the train examples say of new ones beside a model, as `NAME.preprocessing.json`, if there is any."""
    if dataset.preprocessing is not None:
        text = json.dumps(dataset.preprocessing, indent=2)
        model.with_suffix(".preprocessing.json").write_text(text + "\n", encoding="utf-8")


def _evaluate(model: keras.Model, test: Split, batch_size: int) -> dict[str, float]:
    scores: Mapping[str, Any] = model.evaluate(*in_order(test), batch_size=batch_size, verbose=0, return_dict=True)
    return {name: float(value) for name, value in scores.items()}


def _common_tests(baseline: Split, tuned: Split) -> tuple[Split, Split]:
    """Return the test examples that both have: all of them, unless a ratio of the split was a hyperparameter."""
    if baseline.names == tuned.names:
        return baseline, tuned
    common = sorted(set(baseline.names) & set(tuned.names))
    return _only(baseline, common), _only(tuned, common)


def _only(split: Split, names: list[str]) -> Split:
    position = {name: index for index, name in enumerate(split.names)}
    return split.taken(np.array([position[name] for name in names]))
