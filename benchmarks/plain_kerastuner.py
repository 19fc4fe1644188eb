"""The article's script with plain KerasTuner, as a careful engineer writes it, beside the same trials of toonvision.

Command: python -m benchmarks.plain_kerastuner [TRIALS] [REPETITIONS]
Both sides search at random with one seed, on the same arrays, for as many epochs, with the same early stopping,
validation and curves for TensorBoard; each run checks that the values of its trials are those of the other side. The
second pooling of each block is left out, so that each proposal can be built. KerasTuner saves the weights of each
trial; toonvision trains the best values again, and neither that nor the comparison is in the time. A side is a process:
its seconds are those from its start to the end of the search, with the imports.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

EPOCHS, BATCH_SIZE, PATIENCE, SEED = 15, 64, 3, 1
SIDES = ("plain KerasTuner", "inline", "processes")
Values = dict[str, Any]


def plain(trials: int, folder: Path) -> list[Values]:
    """Search with KerasTuner alone, and return the values of its trials."""
    import keras
    import keras_tuner

    from toonvision.dataset.cogs import load  # the pictures alone

    data = load(image_size=(150, 50), seed=7)

    def build(hp: keras_tuner.HyperParameters) -> keras.Model:
        layers = [keras.layers.Rescaling(1 / 255), keras.layers.RandomFlip("horizontal")]
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

    tuner = keras_tuner.RandomSearch(
        build, "val_loss", max_trials=trials, seed=SEED, directory=folder, project_name="plain"
    )
    tuner.search(
        data.train.x,
        data.train.y,
        validation_data=(data.validation.x, data.validation.y),
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        callbacks=[
            keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE),
            keras.callbacks.TensorBoard(folder / "tensorboard"),
        ],
        verbose=0,
    )
    trials_by_id = tuner.oracle.trials
    return [dict(trials_by_id[number].hyperparameters.values) for number in tuner.oracle.start_order]


def ours(executor: str, trials: int, folder: Path) -> list[Values]:
    """Search with toonvision, and return the values of its trials."""
    from toonvision.config.compose import compose
    from toonvision.config.node import instantiate
    from toonvision.record.record import Record
    from toonvision.training.backend import load_backend
    from toonvision.validation.validate import validate

    config = validate(
        compose(
            [
                *(f"executor={executor}", "tuner=random_search", f"tuner.max_trials={trials}", f"seed={SEED}"),
                *("pruner=none", "first=[]", f"training.epochs={EPOCHS}", f"training.batch_size={BATCH_SIZE}"),
                f"training.callbacks.early_stopping.patience={PATIENCE}",
                *("search_space.pool_2_size=1", "search_space.pool_4_size=1"),
            ]
        )
    )
    load_backend("tensorflow")
    from toonvision.job import KERAS  # after the backend has been chosen
    from toonvision.search.rounds import search_rounds
    from toonvision.search.runner import Runner

    record = Record.create(config.storage, folder, space=config.search_space, objective=config.objective)
    with instantiate(config.executor, "executor") as engine:
        search_rounds(config, record=record, runner=Runner(engine, [], KERAS))
    return [dict(trial.values) for trial in record.trials]


def side(name: str, trials: int) -> None:
    """Run one side in this process, and print the values of its trials."""
    with tempfile.TemporaryDirectory() as folder:
        found = plain(trials, Path(folder)) if name == SIDES[0] else ours(name, trials, Path(folder))
    print(json.dumps(found))


def main(trials: int = 20, repetitions: int = 3) -> None:
    """Run the sides in turn, and print the medians and the ratios."""
    seconds: dict[str, list[float]] = {name: [] for name in SIDES}
    values: dict[str, list[Values]] = {}
    for _ in range(repetitions):
        for name in SIDES:
            command = [sys.executable, "-m", "benchmarks.plain_kerastuner", "side", name, str(trials)]
            started = time.monotonic()
            ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
            seconds[name].append(time.monotonic() - started)
            values[name] = json.loads(ended.stdout.splitlines()[-1])
            print(f"{name}: {seconds[name][-1]:.1f} s", flush=True)
    names = values[SIDES[0]][0].keys()
    same = [[{key: trial[key] for key in names} for trial in values[name]] for name in SIDES]
    if same.count(same[0]) < len(SIDES):
        raise SystemExit(f"the sides have trained other values: {same}")
    print(f"\n{trials} trials, {repetitions} repetitions in turn; {os.cpu_count()} cores, {platform.processor()}\n")
    print("| side | median s | ratio to plain KerasTuner, of each repetition |\n| --- | --- | --- |")
    for name in SIDES:
        ratios = [one / other for one, other in zip(seconds[name], seconds[SIDES[0]], strict=True)]
        print(f"| {name} | {statistics.median(seconds[name]):.1f} | {', '.join(f'{r:.2f}' for r in ratios)} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["side"]:
        side(sys.argv[2], int(sys.argv[3]))
    else:
        main(*map(int, sys.argv[1:]))
