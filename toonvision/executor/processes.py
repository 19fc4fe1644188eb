"""Trials in local processes, by loky."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from multiprocessing.context import BaseContext
from queue import LifoQueue
from typing import Any, ParamSpec, TypeVar

from loky.process_executor import BrokenProcessPool, ProcessPoolExecutor, ShutdownExecutorError

from toonvision.executor.call import Result, Task, pack, run, unpack
from toonvision.executor.resources import Environment, sizing, slots, visible_gpus

P = ParamSpec("P")
T = TypeVar("T")

_WATCH_SECONDS = 1.0
# loky restarts a worker, with a warning, when it has grown by 300 MB since its first trial, even for a larger model.
# `trials_per_worker` limits the growth instead.
_NO_RESTART = {"LOKY_MAX_MEMORY_LEAK_SIZE": "1e18"}


class ProcessesExecutor(ThreadPoolExecutor):
    """Runs each trial in a process that is kept for later trials, because importing TensorFlow takes 3 s.

    One thread waits for each process, so that the death of a process affects one future only.

    Args:
        workers: number of processes, or "auto" (see `toonvision.executor.resources`).
        trials_per_worker: number of trials after which a process is replaced; TensorFlow keeps about 8 MB per trial.
        gpus_per_trial: number of GPUs, or a share of one (see `toonvision.executor.resources`).

    Raises:
        ConfigError: if the machine has too few GPUs.

    Attributes:
        workers: the number of processes.
        sizing: how many they are, their threads, and why, in one line.
    """

    def __init__(
        self, *, workers: int | str = "auto", trials_per_worker: int = 50, gpus_per_trial: float | None = None
    ) -> None:
        environments = slots(workers, gpus_per_trial)
        self.workers = len(environments)
        self.sizing = sizing(workers, environments)
        self._processes = [_Worker(environment, trials_per_worker) for environment in environments]
        # Last in, first out: the process used last has Keras in memory.
        self._free: LifoQueue[_Worker] = LifoQueue()
        for worker in reversed(self._processes):
            self._free.put(worker)
        super().__init__(self.workers, thread_name_prefix="trial")

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn(*args, **kwargs)` in a process; the function and its arguments must be picklable.

        Returns:
            A future that raises BrokenExecutor if the process dies.
        """
        return super().submit(self._run, fn, *args, **kwargs)

    def fork_from(self, module: str) -> None:
        """Let the processes be forked from one that imports `module`: it takes its seconds and its memory only once.

        Only on Linux and without GPUs, whose driver does not survive a fork; elsewhere each process imports for itself.
        The one process lives as long as this one, for other executors, too; it must not compute.
        """
        if sys.platform == "linux" and not visible_gpus():
            os.environ.update(_NO_RESTART)  # before loky is imported there, which reads it
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([module])
            for worker in self._processes:
                worker.context = context

    def prepare(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> None:
        """Begin to call `fn(*args, **kwargs)` in each process, while this one does something else.

        Its exceptions are not raised: a trial that needs what it does will raise them.
        """
        for _ in range(self.workers):  # each is busy when the next one is chosen, if it takes longer than that
            self.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop the processes, after their running trials or, without `wait`, at once."""
        super().shutdown(wait=wait, cancel_futures=cancel_futures or not wait)
        for worker in self._processes:
            worker.end(kill=not wait)

    def _run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        worker = self._free.get()
        try:
            return unpack(worker.run(pack(fn, *args, **kwargs)))
        finally:
            self._free.put(worker)


class _Worker:
    """One process: started with its first trial, replaced when it dies or has run its number of trials."""

    def __init__(self, environment: Environment, trials: int) -> None:
        self.environment, self.trials = environment | _NO_RESTART, trials
        self.done, self.has_ended = 0, False
        self.context: BaseContext | None = None  # loky's own
        self.lock = threading.Lock()
        self.pool: ProcessPoolExecutor | None = None

    def run(self, task: Task) -> Result:
        try:
            return self._submit(task).result()
        except BrokenProcessPool as error:
            raise BrokenExecutor(_reason(error)) from error
        except ShutdownExecutorError as error:
            raise BrokenExecutor("the executor was shut down before the trial ended") from error

    def end(self, *, kill: bool) -> None:
        with self.lock:
            self.has_ended = True
            if self.pool is not None:
                self.pool.shutdown(wait=True, kill_workers=kill)

    def _submit(self, task: Task) -> Future[Result]:
        with self.lock:
            if self.has_ended:
                raise ShutdownExecutorError
            if self.pool is not None and self.done >= self.trials:
                self.pool.shutdown(wait=True)
                self.pool = None
            self.pool = self.pool or self._start()
            self.done += 1
            try:
                future: Future[Result] = self.pool.submit(run, task)
            except BrokenProcessPool:  # the process died after its last trial; this trial has not started
                self.pool = self._start()
                future = self.pool.submit(run, task)
            except (EOFError, OSError) as error:
                if self.context is None:  # nothing was forked
                    raise
                self.pool = None
                raise BrokenExecutor(f"the process that imports Keras for the workers has died: {error!r}") from error
            return future

    def _start(self) -> ProcessPoolExecutor:
        self.done = 0
        prepared = (None if self.context else os.getpid(), dict(os.environ) | self.environment)
        return ProcessPoolExecutor(
            max_workers=1, context=self.context, env=self.environment, initializer=_prepare, initargs=prepared
        )


def _prepare(parent: int | None, variables: Environment) -> None:
    """Set the variables, ignore Ctrl-C, which the parent handles, and end this process soon after the parent dies.

    Args:
        parent: process id of the parent; None for a forked process, whose parent by its id is another one.
        variables: of the environment; a forked process has those of the process from which it was forked.
    """
    os.environ.update(variables)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(parent,), name="watch-parent", daemon=True).start()


def _watch(parent: int | None) -> None:
    if parent is None:
        of_fork = multiprocessing.parent_process()
        assert of_fork is not None
        of_fork.join()
    else:
        while os.getppid() == parent:
            time.sleep(_WATCH_SECONDS)
    os._exit(1)


def _reason(error: BrokenProcessPool) -> str:
    codes = re.search(r"exit codes of the workers are \{(.+)\}", str(error))
    return f"the worker process ended with {codes[1]}" if codes else str(error).splitlines()[0]
