"""The article's script with plain KerasTuner, as a careful engineer writes it: an opponent of the other benchmarks.

The second pooling of each block is left out, so that each proposal can be built. KerasTuner saves the weights of the
best epoch of each trial, from which the best model can be loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import keras_tuner

from benchmarks.network import BLOCKS, network
from benchmarks.sides import Report, Task, Values, examples

TUNERS = {
    "random": keras_tuner.RandomSearch,
    "bayesian": keras_tuner.BayesianOptimization,
    "hyperband": keras_tuner.Hyperband,
}


def search(tuner: str, task: Task, folder: Path, report: Report) -> None:
    """Search with KerasTuner alone.

    Args:
        tuner: one of `TUNERS`.
        task: the data, and how long is searched.
        folder: an empty one.
        report: is called with the score and the values of each trial that has ended.
    """
    data = examples(task)

    def build(hp: keras_tuner.HyperParameters) -> keras.Model:
        values: Values = {}
        for block, most, pool in BLOCKS:
            values |= {
                f"conv_{block}_filters": hp.Int(f"conv_{block}_filters", 4, most, step=4),
                f"conv_{block}_kernel_size": hp.Choice(f"conv_{block}_kernel_size", [3, 5]),
                f"pool_{pool}_size": hp.Int(f"pool_{pool}_size", 2, 4, step=1),
                f"dropout_{block}_rate": hp.Float(f"dropout_{block}_rate", 0.0, 0.9, step=0.1),
            }
        values["learning_rate"] = hp.Choice("learning_rate", [0.01, 0.001, 0.0001])
        return network(task, data, values)

    limit = {"max_epochs": task.epochs} if tuner == "hyperband" else {"max_trials": task.trials}
    found = TUNERS[tuner](build, "val_loss", seed=task.seed, directory=folder, project_name="plain", **limit)
    end = found.on_trial_end

    def on_trial_end(trial: Any) -> None:
        end(trial)
        report(found.oracle.trials[trial.trial_id].score, dict(trial.hyperparameters.values))

    found.on_trial_end = on_trial_end
    found.search(
        data.train.x,
        data.train.y,
        validation_data=(data.validation.x, data.validation.y),
        epochs=task.epochs,
        batch_size=task.batch_size,
        callbacks=[
            keras.callbacks.EarlyStopping("val_loss", patience=task.patience),
            keras.callbacks.TensorBoard(folder / "tensorboard"),
        ],
        verbose=0,
    )
