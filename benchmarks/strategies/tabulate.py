"""Train every configuration of a task with each seed, and append its learning curve to the table of the task.

Command: python -m benchmarks.strategies.tabulate TASK [dataset.path=FOLDER]
A line for each training: the values, the seed, the parameters and the validation loss after each epoch,
without early stopping. A configuration that cannot be built has no losses. A table that is not complete goes on;
several processes may add to one at once.
"""

from __future__ import annotations

import csv
import itertools
import random
import sys
from pathlib import Path

import keras

from benchmarks.strategies.tasks import SEEDS, TASKS, Task
from toonvision.config.compose import compose
from toonvision.config.schema import TrialConfig
from toonvision.dataset import Dataset, load_dataset
from toonvision.search_space.space import Values, combinations, complete, hyperparameters
from toonvision.training.backend import load_backend
from toonvision.training.fit import Fit, fit, start_afresh
from toonvision.training.model import InfeasibleError, build_model, interface
from toonvision.validation.validate import validate


def tabulate(task: Task, overrides: list[str]) -> None:
    """Train what the table of a task lacks."""
    config = validate(compose([*task.overrides, "~training.callbacks.early_stopping", *overrides]))
    load_backend(config.backend, deterministic=config.deterministic)
    names = list(hyperparameters(config.search_space))
    dataset = load_dataset(config.default_trial.dataset)
    epochs = config.default_trial.training.epochs
    header = [*names, "seed", "parameters", *(f"epoch_{epoch}" for epoch in range(1, epochs + 1))]
    if not task.table.exists():
        task.table.parent.mkdir(exist_ok=True)
        task.table.write_text(",".join(header) + "\n")
    groups = [list(group) for _, group in itertools.groupby(combinations(config.search_space), key=_architecture)]
    random.shuffle(groups)  # so that an incomplete table is a sample, and that another process takes other ones
    for group in groups:
        model = None
        for values, seed in itertools.product(group, SEEDS):
            key = [*(str(values.get(name, "")) for name in names), str(seed)]
            if key in (line[: len(key)] for line in read(task.table)):
                continue
            trial = config.resolve(complete(config.search_space, values)).model_copy(update={"seed": seed})
            model, line = train(trial, dataset, model)
            with task.table.open("a", newline="") as file:
                csv.writer(file, lineterminator="\n").writerow([*key, *line])


def _architecture(values: Values) -> Values:
    return {name: value for name, value in values.items() if name != "learning_rate"}


def read(table: Path) -> list[list[str]]:
    """Return the lines of a table."""
    with table.open(newline="") as file:
        return list(csv.reader(file))


def train(
    trial: TrialConfig, dataset: Dataset, compiled: keras.Model | None
) -> tuple[keras.Model | None, tuple[str, ...]]:
    """Train one configuration; return its model, and its parameters and validation losses.

    Args:
        trial: the configuration and the seed.
        dataset: of the task.
        compiled: the model of an earlier training of the same architecture, to train with the variables of a new one,
            which saves TensorFlow's tracing: 15 to 30 % of the time, and the losses are the same.
    """
    training = trial.training
    start_afresh(trial.seed, training.precision)
    try:
        model = build_model(trial, interface(trial, dataset))
    except InfeasibleError:
        return None, ("",)
    if compiled:
        model.optimizer.build(model.trainable_variables)
        new = [*model.variables, *model.optimizer.variables]
        for variable, initial in zip([*compiled.variables, *compiled.optimizer.variables], new, strict=True):
            variable.assign(initial)
        model = compiled
    how = Fit(training, training.epochs, {}, "training")
    losses = fit(model, how, train=dataset.train, validation=dataset.validation, watch=[])["val_loss"]
    return model, (str(model.count_params()), *(f"{loss:.4g}" for loss in losses))


if __name__ == "__main__":
    chosen = next(task for task in TASKS if task.name == sys.argv[1])
    tabulate(chosen, sys.argv[2:])
