"""A function call that crosses a process border, and its result; the same on all engines."""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# Variables of the parent process that trials depend on.
_VARIABLES = (
    "KERAS_BACKEND",
    "TF_CPP_MIN_LOG_LEVEL",
    "TF_ENABLE_ONEDNN_OPTS",
    "TOONVISION_CACHE",
    "TOONVISION_TRUSTED",
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What another process needs of the parent process.

    Attributes:
        directory: the working directory, to which the run directory is relative.
        path: module search path.
        environment: variables, set before the first trial imports TensorFlow.
    """

    directory: str
    path: tuple[str, ...]
    environment: Mapping[str, str]

    def enter(self) -> None:
        """Make them those of this process."""
        os.environ.update(self.environment)
        os.chdir(self.directory)
        sys.path.extend(entry for entry in self.path if entry not in sys.path)


@dataclass(frozen=True, slots=True)
class Task:
    """A function call with the surroundings of the parent process.

    Attributes:
        call: the pickled function and arguments; pickled here because loading them needs the module search path.
        surroundings: of the parent process.
    """

    call: bytes
    surroundings: Surroundings

    def with_variables(self, environment: Mapping[str, str]) -> Task:
        """Return the task with more variables."""
        variables = {**self.surroundings.environment, **environment}
        return replace(self, surroundings=replace(self.surroundings, environment=variables))


@dataclass(frozen=True, slots=True)
class Result:
    """The return value of a call, or the exception it raised."""

    value: Any = None
    error: Exception | None = None


def pack(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Task:
    """Return the task of a call; the function and its arguments must be picklable."""
    return Task(pickle.dumps((fn, args, kwargs)), surroundings())


def surroundings() -> Surroundings:
    """Return the surroundings of this process."""
    return Surroundings(
        directory=str(Path.cwd()),
        path=tuple(str(Path(entry).absolute()) for entry in sys.path),
        environment={name: os.environ[name] for name in _VARIABLES if name in os.environ},
    )


def run(task: Task) -> Result:
    """Run the call in this process, in the surroundings of the parent process."""
    task.surroundings.enter()
    try:
        fn, args, kwargs = pickle.loads(task.call)  # noqa: S301 - pickled by our own parent process
        return Result(value=fn(*args, **kwargs))
    except Exception as error:  # noqa: BLE001 - process border: the parent raises it
        error.add_note(f"In the worker: {traceback.format_exc()}")
        return Result(error=error)


def unpack(result: Result) -> Any:
    """Return the value of the call, or raise its exception."""
    if result.error is not None:
        raise result.error
    return result.value
