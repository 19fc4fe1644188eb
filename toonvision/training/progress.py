"""How far a trial has come, kept in one file while it trains, so that an interrupted one goes on at that epoch.

What is restored: the model, the optimizer, the random generators of the layers and of NumPy, the history, and the
numbers and weights that callbacks hold. So the training goes on as if nothing had been. Only on PyTorch the examples
come in another order.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from toonvision.trial.history import Row

Callbacks = Mapping[str, keras.callbacks.Callback]
Arrays = Sequence[NDArray[Any]]

_UNREADABLE = (OSError, EOFError, ValueError, KeyError, MemoryError, NotImplementedError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a trial has come, but for its arrays.

    Attributes:
        trial: what tells it from others.
        execution: which is trained.
        rows: of its history so far, with `execution` and `epoch`, those of earlier executions included.
        seconds: that it took until then.
        numbers: of the callbacks, by callback and attribute.
        random: the state of NumPy's generator.
    """

    trial: str
    execution: int
    rows: list[dict[str, int | float]]
    seconds: float
    numbers: dict[str, dict[str, bool | int | float | None]]
    random: tuple[str, list[int], int, int, float]


class Progress:
    """The file of a trial that says how far it has come.

    Args:
        path: of the file.
        trial: what tells the trial from others; a file of another trial is not read.
        every: seconds of training between two writings; None to write nothing.

    Attributes:
        reached: what the file said when the trial began; None if there is none, or it cannot be read.
    """

    def __init__(self, path: Path, trial: str, every: float | None) -> None:
        self.path, self.trial, self.every = path, trial, every
        self._started = self._written = time.monotonic()
        self.reached: Reached | None = None
        with contextlib.suppress(*_UNREADABLE):
            self.reached, self._variables, self._weights = _read(path, trial)

    @property
    def seconds(self) -> float:
        """Seconds that the trial has taken, those before an interruption included."""
        return (self.reached.seconds if self.reached else 0.0) + time.monotonic() - self._started

    @property
    def is_due(self) -> bool:
        """Whether it is time to write."""
        return self.every is not None and time.monotonic() - self._written >= self.every

    def restore(self, model: keras.Model, callbacks: Callbacks) -> None:
        """Put a compiled model, callbacks that have begun, and NumPy's generator into the state that was reached."""
        assert self.reached
        for variable, array in zip(_variables(model), self._variables, strict=True):
            variable.assign(array)
        for name, callback in callbacks.items():
            held: dict[str, object] = {**self.reached.numbers.get(name, {}), **self._weights.get(name, {})}
            for attribute in held.keys() & vars(callback):
                setattr(callback, attribute, held[attribute])
        kind, keys, position, has_gauss, gauss = self.reached.random
        np.random.set_state((kind, np.array(keys, np.uint32), position, has_gauss, gauss))

    def write(self, execution: int, rows: Sequence[Row], model: keras.Model, callbacks: Callbacks) -> None:
        """Write how far the trial has come, all or nothing.

        Args:
            execution: which is trained.
            rows: of the trial's history, those of earlier executions included.
            model: as it stands at the end of an epoch.
            callbacks: by name, in the same state.
        """
        variables = map(keras.ops.convert_to_numpy, _variables(model))
        arrays: dict[str, Any] = {f"variable/{n}": array for n, array in enumerate(variables)}
        numbers = {}
        for name, callback in callbacks.items():
            given = inspect.signature(type(callback)).parameters  # EarlyStopping turns its `min_delta` round by itself
            held = {key: value for key, value in vars(callback).items() if key not in given}
            numbers[name] = {key: value for key, value in held.items() if _is_number(value)}
            for key, value in held.items():
                if isinstance(value, list) and all(isinstance(array, np.ndarray) for array in value):
                    arrays |= {f"weights/{name}/{key}/{n}": array for n, array in enumerate(value)}
        kind, keys, *rest = np.random.get_state()
        state = {
            "trial": self.trial,
            "execution": execution,
            "rows": list(rows),
            "seconds": self.seconds,
            "numbers": numbers,
            "random": [kind, np.asarray(keys).tolist(), *rest],
        }
        temporary = self.path.with_name(f"{self.path.name}.new")
        with temporary.open("wb") as file:
            np.savez(file, state=np.array(json.dumps(state)), **arrays)
        temporary.replace(self.path)
        self._written = time.monotonic()


class KeepProgress(keras.callbacks.Callback):
    """Restores what one execution had reached, and writes what it reaches; to be called after all other callbacks.

    Args:
        progress: of the trial.
        execution: which is trained.
        rows: of the trial's history; each epoch is added before this is called.
        callbacks: of the configuration, by name.
    """

    def __init__(self, progress: Progress, execution: int, rows: Sequence[Row], callbacks: Callbacks) -> None:
        super().__init__()
        self.progress, self.execution, self.rows, self.callbacks = progress, execution, rows, callbacks
        self._restored = False

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Restore, after the other callbacks have begun from nothing; not again where a second phase begins."""
        if self.progress.reached and self.progress.reached.execution == self.execution and not self._restored:
            self.progress.restore(self.model, self.callbacks)
            self._restored = True

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write, unless the training is about to end."""
        is_last = self.model.stop_training or epoch + 1 == self.params["epochs"]
        if self.progress.is_due and not is_last:
            self.progress.write(self.execution, self.rows, self.model, self.callbacks)


def _read(path: Path, trial: str) -> tuple[Reached | None, Arrays, dict[str, dict[str, list[NDArray[Any]]]]]:
    """Return what a trial has reached, the variables, and the weights that callbacks hold, by name and attribute."""
    variables, weights = list[NDArray[Any]](), dict[str, dict[str, list[NDArray[Any]]]]()
    with zipfile.ZipFile(path) as members:
        if any(member.compress_type != zipfile.ZIP_STORED for member in members.infolist()):
            raise ValueError("arrays that are larger than the file")
    with np.load(path, allow_pickle=False) as arrays:
        reached = TypeAdapter(Reached).validate_json(str(arrays["state"]))
        for name in arrays.files if reached.trial == trial else ():
            kind, _, key = name.partition("/")
            if kind == "variable":
                variables.append(arrays[name])
            elif kind == "weights":
                who, attribute, _ = key.rsplit("/", 2)
                weights.setdefault(who, {}).setdefault(attribute, []).append(arrays[name])
    return reached if reached.trial == trial else None, variables, weights


def _variables(model: keras.Model) -> list[Any]:
    """Return the variables of a compiled model and of its optimizer; metrics begin each epoch from nothing."""
    model.optimizer.build(model.trainable_variables)
    metrics = {id(variable) for variable in model.metrics_variables}
    return [*(v for v in model.variables if id(v) not in metrics), *model.optimizer.variables]


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float)
