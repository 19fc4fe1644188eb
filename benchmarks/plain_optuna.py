"""The article's script with plain Optuna: TPE, a median pruner and Optuna's Keras callback, the best model saved."""

from __future__ import annotations

from pathlib import Path

import keras
import optuna
from optuna_integration import KerasPruningCallback

from benchmarks.network import BLOCKS, network
from benchmarks.sides import Report, Task, Values, examples


def search(task: Task, folder: Path, report: Report) -> None:
    """Search with Optuna alone.

    Args:
        task: the data, and how long is searched.
        folder: an empty one.
        report: is called with the score and the values of each trial that has ended; None for one that was pruned.
    """
    data = examples(task)

    def build(trial: optuna.Trial) -> keras.Model:
        values: Values = {}
        for block, most, pool in BLOCKS:
            values |= {
                f"conv_{block}_filters": trial.suggest_int(f"conv_{block}_filters", 4, most, step=4),
                f"conv_{block}_kernel_size": trial.suggest_categorical(f"conv_{block}_kernel_size", [3, 5]),
                f"pool_{pool}_size": trial.suggest_int(f"pool_{pool}_size", 2, 4),
                f"dropout_{block}_rate": trial.suggest_float(f"dropout_{block}_rate", 0.0, 0.8, step=0.1),
            }
        values["learning_rate"] = trial.suggest_categorical("learning_rate", [0.01, 0.001, 0.0001])
        return network(task, data, values)

    def objective(trial: optuna.Trial) -> float:
        keras.backend.clear_session()
        keras.utils.set_random_seed(task.seed)
        model = build(trial)
        history = model.fit(
            data.train.x,
            data.train.y,
            validation_data=(data.validation.x, data.validation.y),
            epochs=task.epochs,
            batch_size=task.batch_size,
            callbacks=[
                keras.callbacks.EarlyStopping("val_loss", patience=task.patience),
                keras.callbacks.ModelCheckpoint(
                    folder / f"{trial.number}.weights.h5", "val_loss", save_best_only=True, save_weights_only=True
                ),
                keras.callbacks.TensorBoard(folder / "tensorboard" / str(trial.number)),
                KerasPruningCallback(trial, "val_loss"),
            ],
            verbose=0,
        )
        return float(min(history.history["val_loss"]))

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        storage=f"sqlite:///{folder / 'study.db'}",
        sampler=optuna.samplers.TPESampler(seed=task.seed),
        pruner=optuna.pruners.MedianPruner(),
    )
    study.optimize(
        objective, n_trials=task.trials, callbacks=[lambda _, trial: report(trial.value, dict(trial.params))]
    )
