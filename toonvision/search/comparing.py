"""The chosen values and the baseline, trained on train + validation, and compared once on the test set."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toonvision.config.schema import RunConfig
from toonvision.dataset import Dataset, load_dataset
from toonvision.dataset.cache import looks_file
from toonvision.search.final_model import FinalModel
from toonvision.search.final_trainings import FinalTrainings, Trained
from toonvision.search.runner import Runner
from toonvision.search_space.space import Values, complete
from toonvision.task import Task, load_task
from toonvision.trial.trial import MAPS
from toonvision.verdict import Cost, Role, measured, reach_verdict
from toonvision.verdict.activation_maps import maps_file
from toonvision.verdict.comparison import Comparison, ModelScores
from toonvision.verdict.predictions import ROLES, Predictions, columns, write
from toonvision.verdict.test_looks import Subject, note_look

# Of the seed: nothing was chosen by these seeds. Those of the finalists count up from 1000, of the path from 2000.
SHIFT = 3000


def compare(config: RunConfig, best: Values, directory: Path, *, trial: str | None, runner: Runner) -> Comparison:
    """Train the baseline and the best values the same way, with each seed, and judge all on the same test examples.

    Args:
        config: valid.
        best: a value for every name of the search space.
        directory: the run's; `models/` gets `baseline.keras` and `tuned.keras`, each the median of its seeds by the
            decisive measure, what these two predict as `predictions.csv`, and the preprocessing of a table.
        trial: id of the trial that the values come from.
        runner: of the search.

    Raises:
        SearchError: if a model cannot be built, or ends with a loss that is not finite.
        ConfigError: if no model of the task predicts what these do.
        KeyboardInterrupt: after the running trainings have stopped; what has ended is kept for a resumed run.
    """
    values = {"baseline": complete(config.search_space, config.baseline), "tuned": best}
    trials = {role: config.resolve(values[role]) for role in ROLES}
    datasets = {role: load_dataset(trials[role].dataset) for role in ROLES}
    seeds = tuple(config.seed + SHIFT + number for number in range(trials["tuned"].training.retrain.seeds))
    models = [FinalModel(role, trials[role], datasets[role]) for role in ROLES]
    trainings = FinalTrainings(models, seeds, directory=directory, runner=runner, retries=config.retries)
    durations = trainings.choose_durations()

    names = _common_tests(datasets)
    test = datasets["tuned"].test.named(names) if names else datasets["tuned"].test
    fingerprint, class_names = datasets["tuned"].fingerprint, datasets["tuned"].class_names
    if not trainings.have_begun(durations, names):  # else it is the look of the interrupted run
        note_look(
            directory,
            why="the comparison of the tuned values with the baseline",
            fingerprint=fingerprint,
            examples=len(test),
            subjects=[Subject(role, values[role], seeds, trial if role == "tuned" else None) for role in ROLES],
            all_looks=looks_file(fingerprint),
        )
    trained = trainings.train(durations, names)
    task = load_task(config.task)
    answers = {
        role: Role(
            np.stack([one.outputs for one in trained[role]]),
            _cost(trained[role][0], trials[role].training.batch_size),
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
        keep_model(medians[role], datasets[role], directory, name=role)
    trainings.clear()
    predictions = {role: columns(medians[role].outputs, len(class_names)) for role in ROLES}
    write(Predictions(test.example_names, test.y, class_names, predictions), directory)
    judged = {role: model_scores(medians[role], values[role], task, test.y) for role in ROLES}
    return Comparison(len(test), judged["baseline"], judged["tuned"], reached)


def model_scores(trained: Trained, values: Values, task: Task, labels: NDArray[Any]) -> ModelScores:
    """Return what one model reached.

    Args:
        trained: the model.
        values: for every name of the search space.
        task: whose measures they are.
        labels: of the test examples.
    """
    found = measured(task, labels, trained.outputs, trained.duration.threshold)
    metrics = dict(trained.metrics)
    return ModelScores(
        values=values,
        scores={kind.name: found[kind.name] for kind in task.kinds if kind.name != "loss" and not kind.is_detail},
        loss=metrics.pop("loss"),
        metrics=metrics,
        parameters=trained.parameters,
        epochs=trained.epochs,
        seconds=trained.seconds,
        history={name: [v if math.isfinite(v) else None for v in column] for name, column in trained.history.items()},
        duration=trained.duration,
    )


def keep_model(trained: Trained, dataset: Dataset, directory: Path, *, name: str) -> None:
    """Move a model to `models/NAME.keras` of the run; where it looks and what new examples need lies beside it."""
    path = directory / "models" / f"{name}.keras"
    path.parent.mkdir(parents=True, exist_ok=True)
    trained.model.replace(path)
    maps = trained.model.with_name(MAPS)
    if maps.exists():
        maps.replace(maps_file(directory, name))
    if dataset.preprocessing is not None:
        text = json.dumps(dataset.preprocessing, indent=2)
        path.with_suffix(".preprocessing.json").write_text(text + "\n", encoding="utf-8")


def _cost(trained: Trained, batch_size: int) -> Cost:
    return Cost(trained.parameters, trained.model.stat().st_size, trained.batch_seconds, batch_size)


def _common_tests(datasets: Mapping[str, Dataset]) -> tuple[str, ...] | None:
    """Return the names of the test examples that both roles have, or None if all are the same.

    They differ where a ratio of the split is a hyperparameter.
    """
    baseline, tuned = (datasets[role].test.names for role in ROLES)
    return None if baseline == tuned else tuple(sorted(set(baseline) & set(tuned)))
