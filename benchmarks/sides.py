"""The sides of a comparison: toonvision and its opponents, each a search in a process of its own.

Command, of one side alone: python -m benchmarks.sides SIDE TASK, where TASK is a `Task` as JSON
The seconds of a trial are those from the start of the process to the trial's end, with the imports.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psutil

Values = dict[str, Any]
Report = Callable[[float | None, Values], None]
ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
PLAIN, ONEDNN_TOO, BAYESIAN, HYPERBAND, OPTUNA = "random", "random with oneDNN", "bayesian", "hyperband", "Optuna"
INLINE, PROCESSES, DEFAULT = "toonvision inline", "toonvision, two processes", "toonvision, the default search"
ASHA = "toonvision, tuner=asha"


@dataclass(frozen=True, slots=True)
class Task:
    """Data to search on, and how long.

    Attributes:
        dataset: cogs or digits.
        height: of the pictures, in pixels.
        width: of the pictures, in pixels.
        trials: of the search.
        seed: of the search.
        epochs: of a trial, at most.
        batch_size: examples a batch.
        patience: of early stopping, in epochs.
    """

    dataset: str = "cogs"
    height: int = 150
    width: int = 50
    trials: int = 20
    seed: int = 1
    epochs: int = 15
    batch_size: int = 64
    patience: int = 3

    @property
    def flips(self) -> bool:
        """Whether a mirrored picture means the same."""
        return self.dataset == "cogs"


@dataclass(frozen=True, slots=True)
class Ended:
    """A trial.

    Attributes:
        seconds: from the start of the process.
        score: the validation loss of its best epoch; None for a trial that has none.
        values: by name.
    """

    seconds: float
    score: float | None
    values: Values


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a side has done.

    Attributes:
        seconds: of the whole process.
        trials: in the order in which they ended.
    """

    seconds: float
    trials: list[Ended]

    @property
    def best(self) -> float:
        """The lowest loss."""
        return min(trial.score for trial in self.trials if trial.score is not None)

    def reached(self, loss: float) -> float | None:
        """Return the seconds until a trial had ended with at most this loss; None if none has."""
        return next((t.seconds for t in self.trials if t.score is not None and t.score <= loss), None)


def examples(task: Task) -> Any:
    """Return the dataset of a task, with the arrays that all sides search on."""
    from toonvision.dataset import cogs, digits  # the pictures alone; Keras is imported before, if at all

    size = (task.height, task.width)
    return cogs.load(image_size=size, seed=7) if task.dataset == "cogs" else digits.load(image_size=size)


def run(side: str, task: Task) -> Outcome:
    """Run a side in a new process."""
    environment = {name: value for name, value in os.environ.items() if name != ONEDNN}
    if side == ONEDNN_TOO:
        environment[ONEDNN] = "1"
    command = [sys.executable, "-m", "benchmarks.sides", side, json.dumps(asdict(task))]
    started = time.monotonic()
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if ended.returncode:
        raise SystemExit(f"{side}: {ended.stderr[-2000:]}")
    lines = [line for line in ended.stdout.splitlines() if line.startswith('{"seconds"')]
    return Outcome(time.monotonic() - started, [Ended(**json.loads(line)) for line in lines])


def label(side: str) -> str:
    """Return the name of a side for a table."""
    if side.startswith("toonvision"):
        return side
    return "plain Optuna" if side == OPTUNA else f"plain KerasTuner, {side}"


def machine() -> str:
    """Return what the figures were measured on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    started = time.perf_counter()
    total = 0
    for number in range(10_000_000):
        total += number
    spent = time.perf_counter() - started
    return f"{os.cpu_count()} cores, {names[0] if names else 'unknown'}; 10 million additions in Python: {spent:.2f} s"


def _ours(side: str, task: Task, folder: Path, report: Report) -> None:
    from toonvision.config.compose import compose
    from toonvision.config.node import instantiate
    from toonvision.executor.processes import ProcessesExecutor
    from toonvision.record.observer import Event, TrialEnded
    from toonvision.record.record import Record
    from toonvision.training.backend import load_backend
    from toonvision.trial.trial import TrialStatus
    from toonvision.validation.validate import validate

    class Reports:
        def notify(self, event: Event) -> None:
            if isinstance(event, TrialEnded):
                is_complete = event.trial.status is TrialStatus.COMPLETED
                report(event.trial.outcome.score if is_complete else None, dict(event.trial.values))

    words = [
        *(f"dataset={task.dataset}", f"dataset.image_size=[{task.height},{task.width}]"),
        *(f"tuner.max_trials={task.trials}", f"seed={task.seed}", f"training.epochs={task.epochs}"),
        *(f"training.batch_size={task.batch_size}", f"training.callbacks.early_stopping.patience={task.patience}"),
        *("search_space.pool_2_size=1", "search_space.pool_4_size=1"),
        *([] if task.flips else ["augmentation=none"]),
        *{DEFAULT: [], ASHA: ["tuner=asha"]}.get(side, ["tuner=random_search", "pruner=none", "first=[]"]),
        *(["executor=inline"] if side == INLINE else []),
    ]
    config = validate(compose(words))
    with instantiate(config.executor, "executor") as engine:
        if isinstance(engine, ProcessesExecutor):  # as toonvision.run does
            engine.fork_from("toonvision.training.preloaded")
            engine.prepare(load_backend, "tensorflow")
        load_backend("tensorflow")
        from toonvision.job import KERAS  # after the backend has been chosen
        from toonvision.search.rounds import search_rounds
        from toonvision.search.runner import Runner

        record = Record.create(config.storage, folder, space=config.search_space, objective=config.objective)
        search_rounds(config, record=record, runner=Runner(engine, [Reports()], KERAS))


def main(side: str, task: Task) -> None:
    """Run one side in this process, and print a line a trial."""
    began = psutil.Process().create_time()

    def report(score: float | None, values: Values) -> None:
        print(json.dumps(asdict(Ended(time.time() - began, score, values))), flush=True)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if side in (INLINE, PROCESSES, DEFAULT, ASHA):
            _ours(side, task, folder, report)
        elif side == OPTUNA:
            from benchmarks import plain_optuna

            plain_optuna.search(task, folder, report)
        else:
            from benchmarks import plain_kerastuner

            plain_kerastuner.search(side.split()[0], task, folder, report)


if __name__ == "__main__":
    main(sys.argv[1], replace(Task(), **json.loads(sys.argv[2])))
