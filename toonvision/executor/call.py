"""A call that goes to another process, and back comes what it returned or raised: the same on every engine."""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# What of the parent's environment its trials depend on.
_VARIABLES = ("KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL", "TOONVISION_CACHE", "TOONVISION_TRUSTED")


@dataclass(frozen=True, slots=True)
class Task:
    """A call, and what it would find around it in the parent's process.

    Attributes:
        call: the function and its arguments, pickled: they are loaded only where their modules can be found.
        directory: the working directory, to which a run's is relative.
        path: where modules are looked for.
        environment: variables, set before TensorFlow is imported, which comes with the first trial.
    """

    call: bytes
    directory: str
    path: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """What a call returned, or the error it raised."""

    value: Any = None
    error: Exception | None = None


def pack(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Task:
    """Make a task of a call; all of it must be picklable."""
    return Task(
        call=pickle.dumps((fn, args, kwargs)),
        directory=str(Path.cwd()),
        path=tuple(str(Path(entry).absolute()) for entry in sys.path),
        environment={name: os.environ[name] for name in _VARIABLES if name in os.environ},
    )


def run(task: Task) -> Result:
    """Make the call in this process, in the surroundings of the parent's."""
    os.environ.update(task.environment)
    os.chdir(task.directory)
    sys.path.extend(entry for entry in task.path if entry not in sys.path)
    try:
        fn, args, kwargs = pickle.loads(task.call)  # noqa: S301 - of our own process
        return Result(value=fn(*args, **kwargs))
    except Exception as error:  # noqa: BLE001 - goes to the parent, as from every future; engines differ in what they keep
        error.add_note(f"In the worker: {traceback.format_exc()}")
        return Result(error=error)


def unpack(result: Result) -> Any:
    """Return what the call returned, or raise what it raised."""
    if result.error is not None:
        raise result.error
    return result.value
