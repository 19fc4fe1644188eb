"""Trials on Dask: on a local cluster of processes, or on the workers of a running scheduler."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from distributed import Client, KilledWorker, Nanny, Scheduler, SpecCluster, Worker, WorkerPlugin

from toonvision.errors import ConfigError, Problem
from toonvision.executor.call import pack, run, unpack
from toonvision.executor.resources import AUTO, Environment, slots

P = ParamSpec("P")
T = TypeVar("T")

CONNECT_SECONDS = 10


class DaskExecutor(ThreadPoolExecutor):
    """Runs each trial on a Dask worker with one thread. One local thread waits for each worker.

    Args:
        address: address of a running scheduler, for example `tcp://10.0.0.1:8786`; None for a local cluster.
        workers: number of workers; "auto" for all workers of the scheduler, or see `executor.resources` for a local
            cluster.
        gpus_per_trial: number of GPUs, or a share of one (see `toonvision.executor.resources`); local cluster only.

    Raises:
        ConfigError: if there is no such scheduler, its workers have several threads, it retries the trial of a dead
            worker, or the machine has too few GPUs.
    """

    def __init__(
        self, *, address: str | None = None, workers: int | str = AUTO, gpus_per_trial: float | None = None
    ) -> None:
        if address is not None and gpus_per_trial is not None:
            expected = "null with executor.address, whose workers set their own GPUs"
            raise ConfigError(Problem("executor.gpus_per_trial", expected, repr(gpus_per_trial)))
        self._cluster = _cluster(slots(workers, gpus_per_trial)) if address is None else None
        self._client = _client(address or self._cluster)
        available = len(self._client.nthreads())
        self.workers = available if workers == AUTO else min(available, int(workers))
        super().__init__(self.workers, thread_name_prefix="trial")

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn(*args, **kwargs)` on a worker; the function and its arguments must be picklable.

        Returns:
            A future that raises BrokenExecutor if the worker dies or the connection to the scheduler is lost.
        """
        return super().submit(self._run, fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Disconnect from the scheduler, or stop the local cluster; without `wait`, do not wait for running trials.

        On the workers of a running scheduler, a trial stops when it finds its stop file.
        """
        super().shutdown(wait=wait, cancel_futures=cancel_futures or not wait)
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def _run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        # retries=0 concerns exceptions; allowed_failures=0 of the scheduler concerns the death of a worker.
        future = self._client.submit(run, pack(fn, *args, **kwargs), pure=False, retries=0)
        try:
            return unpack(future.result())
        except KilledWorker as error:
            raise BrokenExecutor(f"the Dask worker {error.last_worker.address} died") from error
        except CancelledError as error:
            raise BrokenExecutor("the Dask scheduler was lost before the trial ended") from error


class _IgnoreInterrupts(WorkerPlugin):
    """Ignores Ctrl-C in workers: a terminal sends it to all processes, and the parent handles it."""

    def setup(self, worker: Worker) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _cluster(environments: list[Environment]) -> SpecCluster:
    # Dask's own memory limit pauses and stops workers by an estimate of their share of the machine.
    options = {"nthreads": 1, "memory_limit": 0, "host": "127.0.0.1", "dashboard": False}
    workers = {
        number: {"cls": Nanny, "options": options | {"env": environment, "plugins": (_IgnoreInterrupts(),)}}
        for number, environment in enumerate(environments)
    }
    settings = {"host": "127.0.0.1", "port": 0, "dashboard": False, "dashboard_address": "127.0.0.1:0"}
    scheduler = {"cls": Scheduler, "options": settings | {"allowed_failures": 0}}
    return SpecCluster(workers=workers, scheduler=scheduler, silence_logs=logging.CRITICAL)


def _client(cluster: SpecCluster | str | None) -> Client:
    """Connect to a cluster, and check its settings."""
    try:
        client = Client(cluster, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConfigError(
            Problem("executor.address", "the address of a Dask scheduler", f"{cluster!r}: {error}")
        ) from error
    if problem := _scheduler_problem(client):
        client.close()
        raise ConfigError(problem)
    return client


def _scheduler_problem(client: Client) -> Problem | None:
    threads = client.nthreads().values()
    if not threads:
        return Problem("executor.address", "a Dask scheduler with workers", "a scheduler without workers")
    if max(threads) > 1:
        hint = "Start them with dask worker --nthreads 1: Keras keeps its seed per process."
        return Problem("executor.address", "Dask workers with one thread each", f"{max(threads)} threads", hint)
    if failures := client.run_on_scheduler(_allowed_failures):
        hint = "Start it with DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=0"
        expected = "a Dask scheduler that does not retry the trial of a dead worker"
        return Problem("executor.address", expected, f"one that retries {failures} times", hint)
    return None


def _allowed_failures(dask_scheduler: Scheduler) -> int:
    return int(dask_scheduler.allowed_failures)
