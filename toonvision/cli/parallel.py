"""Jobs of a sweep that a launcher runs at once, in other processes: their share of the machine, output and end.

A launcher returns when all jobs have ended, and tells a job nothing meanwhile. So the process of the command and those
of the jobs share files only, below the directory of the sweep, which a cluster sees, too.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from hydra.conf import HydraConf
from loky import cpu_count
from omegaconf import DictConfig

from toonvision.cli.interruption import INTERRUPTED
from toonvision.console import print_lines
from toonvision.errors import ConfigError, Problem, SearchError
from toonvision.executor.call import Surroundings, surroundings
from toonvision.executor.resources import THREADS, Environment, shares
from toonvision.record import stop_request

OUTPUT = "output.txt"
_SECONDS = 1.0  # between two looks for the end
_BASIC = "hydra._internal.core_plugins.basic_launcher.BasicLauncher"
_SLURM = "hydra_plugins.hydra_submitit_launcher.submitit_launcher.SlurmLauncher"


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a job.

    Attributes:
        code: the exit code.
        error: why it is not 0; None if the user knows.
    """

    code: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What each job in a process of its own has from the process of the command.

    Attributes:
        sweep: directory of the sweep.
        surroundings: of the process of the command.
        shares: variables of the jobs that share a machine.
    """

    sweep: Path
    surroundings: Surroundings
    shares: tuple[Environment, ...]


def beside(main: DictConfig, sweep: Path, jobs: int) -> Beside | None:
    """Return what the jobs of a sweep need to run in processes of their own; None if they run in this one.

    Args:
        main: the configuration of the sweep, with its `hydra` node.
        sweep: directory of the sweep.
        jobs: how many it has.

    Raises:
        ConfigError: if joblib would have no process.
    """
    launcher = main.hydra.launcher
    processes = launcher.get("n_jobs", jobs)  # joblib's; submitit starts all jobs of a batch
    if processes == 0:
        raise ConfigError(Problem("hydra.launcher.n_jobs", "a number of jobs, or -1 for one a core", "0"))
    if launcher._target_ == _BASIC or processes == 1:
        return None
    if processes < 0:
        processes = max(1, cpu_count() + 1 + processes)
    at_once = min(processes, jobs, main.hydra.sweeper.get("max_batch_size") or jobs)
    of_this = surroundings()
    threads = {name: os.environ[name] for name in THREADS if name in os.environ}
    variables = replace(of_this, environment={**of_this.environment, **threads})
    print_lines(f"{jobs} jobs, {at_once} at once. What a job prints goes to {OUTPUT} in its directory.")
    on_one_machine = 1 if launcher._target_ == _SLURM else at_once
    return Beside(sweep, variables, tuple(shares(on_one_machine)))


def run(beside: Beside, job: HydraConf, call: Callable[[], Ended]) -> Ended:
    """Run a job in this process, which is the job's own, and return what came of it.

    Args:
        beside: what the jobs have in common.
        job: the `hydra` node of its configuration.
        call: searches or trains.
    """
    with _interrupted_by(beside.sweep):
        if stop_request.asked(beside.sweep).search:
            return Ended(INTERRUPTED)
        for name in THREADS:  # joblib sets them for a job without processes of its own
            os.environ.pop(name, None)
        beside.surroundings.enter()
        os.environ.update(beside.shares[job.job.num % len(beside.shares)])
        output = beside.sweep / Path(job.runtime.output_dir).relative_to(beside.sweep.resolve()) / OUTPUT
        print_lines(f"job {job.job.num} has started: {output}")
        ended = _written(output, call)
        print_lines(f"job {job.job.num} has ended with exit code {ended.code}")
        return ended


@contextlib.contextmanager
def ended_together(sweep: Path) -> Iterator[None]:
    """Let Ctrl-C ask the jobs to end, and wait for them; a second one ends this process at once."""

    def ask(_number: int, _frame: FrameType | None) -> None:
        restore()
        stop_request.ask(sweep)
        print_lines("The jobs end, and write what they have. Press Ctrl-C again not to wait.")

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, ask)
    try:
        yield
    finally:
        restore()
        stop_request.forget(sweep)


@contextlib.contextmanager
def _interrupted_by(sweep: Path) -> Iterator[None]:
    """Interrupt this process when the user interrupts the sweep, or when its parent has died.

    A terminal sends Ctrl-C to all processes. It is ignored here, also between the jobs of this process, because the
    process of the command asks for the end, wherever the jobs run.
    """
    has_ended, parent = threading.Event(), os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    main = threading.main_thread().ident or 0

    def watch() -> None:
        while not has_ended.wait(_SECONDS):
            if stop_request.asked(sweep).search or os.getppid() != parent:
                signal.pthread_kill(main, signal.SIGTERM)
                return

    watching = threading.Thread(target=watch, name="watch-sweep", daemon=True)
    watching.start()
    try:
        yield
    finally:
        has_ended.set()
        watching.join()
        signal.signal(signal.SIGTERM, before)


def _written(path: Path, call: Callable[[], Ended]) -> Ended:
    """Call a job, and write to a file what it and the processes that it starts print."""
    flushed = (sys.stdout, sys.stderr)
    with path.open("ab") as file, contextlib.ExitStack() as stack:
        for stream, number in zip(flushed, (1, 2), strict=True):
            stream.flush()
            kept = os.dup(number)
            stack.callback(os.close, kept)
            stack.callback(os.dup2, kept, number)
            stack.callback(stream.flush)
            os.dup2(file.fileno(), number)
        try:
            return call()
        except SystemExit as ending:  # after an interrupt
            return Ended(int(ending.code or 0))
        except KeyboardInterrupt:
            return Ended(INTERRUPTED)
        except Exception as error:  # noqa: BLE001 - process border: the other jobs go on
            traceback.print_exc()
            return Ended(SearchError.exit_code, f"{type(error).__name__}: {error} (see {path})")
