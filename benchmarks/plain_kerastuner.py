"""The article's script with plain KerasTuner, as a careful engineer writes it: an opponent of the other benchmarks.

The second pooling of each block is left out, so that each proposal can be built. KerasTuner saves the weights of the
best epoch of each trial, from which the best model can be loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import keras_tuner

from benchmarks.sides import Report, Task, examples

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
        layers = [keras.layers.Rescaling(1 / 255)]
        if task.flips:
            layers.append(keras.layers.RandomFlip("horizontal"))
        for block, most, pool in ((1, 16, 1), (2, 20, 3)):
            layers += [
                keras.layers.Conv2D(
                    hp.Int(f"conv_{block}_filters", 4, most, step=4),
                    hp.Choice(f"conv_{block}_kernel_size", [3, 5]),
                    activation="relu",
                    padding="same",
                ),
                keras.layers.MaxPooling2D(hp.Int(f"pool_{pool}_size", 2, 4, step=1)),
                keras.layers.Dropout(hp.Float(f"dropout_{block}_rate", 0.0, 0.9, step=0.1)),
            ]
        layers += [keras.layers.Flatten(), keras.layers.Dense(len(data.class_names), activation="softmax")]
        model = keras.Sequential([keras.layers.Input(data.train.x.shape[1:]), *layers])
        rate = hp.Choice("learning_rate", [0.01, 0.001, 0.0001])
        model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    class Reported(TUNERS[tuner]):  # type: ignore[misc]
        """Reports each trial as it ends."""

        def on_trial_end(self, trial: Any) -> None:
            super().on_trial_end(trial)
            report(self.oracle.trials[trial.trial_id].score, dict(trial.hyperparameters.values))

    limit = {"max_epochs": task.epochs} if tuner == "hyperband" else {"max_trials": task.trials}
    found = Reported(build, "val_loss", seed=task.seed, directory=folder, project_name="plain", **limit)
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
