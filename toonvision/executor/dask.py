"""Trials on Dask: on a cluster in processes of this machine, or on the workers of a scheduler that runs already."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from distributed import Client, KilledWorker, Nanny, Scheduler, SpecCluster, Worker, WorkerPlugin

from toonvision.errors import ConfigError
from toonvision.executor.call import pack, run, unpack
from toonvision.executor.resources import AUTO, Environment, slots

P = ParamSpec("P")
T = TypeVar("T")

_CONNECT_SECONDS = 10


class DaskExecutor(ThreadPoolExecutor):
    """One Dask worker of one thread for each trial that runs at once. One thread here waits for each of them.

    Args:
        address: of a running scheduler, say `tcp://10.0.0.1:8786`; a cluster on this machine if None.
        workers: their number, or "auto": all workers of the scheduler; on this machine see `executor.resources`.
        gpus_per_trial: number of GPUs, or a share of one (see `toonvision.executor.resources`); on this machine only.

    Raises:
        ConfigError: if there is no such scheduler, its workers would run two trials in one process, it would run the
            trial of a dead worker again by itself, or this machine has not so many GPUs.
    """

    def __init__(
        self, *, address: str | None = None, workers: int | str = AUTO, gpus_per_trial: float | None = None
    ) -> None:
        if address is not None and gpus_per_trial is not None:
            raise ConfigError(
                "executor.gpus_per_trial: expected null, with an executor.address: its workers have theirs."
            )
        self._cluster = _cluster(slots(workers, gpus_per_trial)) if address is None else None
        self._client = _client(address or self._cluster)
        there = len(self._client.nthreads())
        self.workers = there if workers == AUTO else min(there, int(workers))
        super().__init__(self.workers, thread_name_prefix="trial")

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn(*args, **kwargs)`, all of it picklable, on a worker.

        Returns:
            A future that raises BrokenExecutor if the worker dies, or the scheduler is lost.
        """
        return super().submit(self._run, fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster, or end that of this machine: after what it is at work on, or at once if `wait` is False.

        On the workers of a scheduler that ran before, a trial at work ends when it finds its stop file.
        """
        super().shutdown(wait=wait, cancel_futures=cancel_futures or not wait)
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def _run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        # retries=0 concerns errors; that no worker's death is retried is a setting of the scheduler's.
        future = self._client.submit(run, pack(fn, *args, **kwargs), pure=False, retries=0)
        try:
            return unpack(future.result())
        except KilledWorker as error:
            raise BrokenExecutor(f"the Dask worker {error.last_worker.address} died") from error
        except CancelledError as error:
            raise BrokenExecutor("the Dask scheduler was lost before the trial had ended") from error


class _IgnoreInterrupts(WorkerPlugin):
    """Leaves Ctrl-C, which a terminal sends to all processes, to the parent."""

    def setup(self, worker: Worker) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _cluster(environments: list[Environment]) -> SpecCluster:
    # Dask's own limit of memory would pause and end workers by guesses of their share of the machine.
    options = {"nthreads": 1, "memory_limit": 0, "host": "127.0.0.1", "dashboard": False}
    workers = {
        number: {"cls": Nanny, "options": options | {"env": environment, "plugins": (_IgnoreInterrupts(),)}}
        for number, environment in enumerate(environments)
    }
    settings = {"host": "127.0.0.1", "port": 0, "dashboard": False, "dashboard_address": "127.0.0.1:0"}
    scheduler = {"cls": Scheduler, "options": settings | {"allowed_failures": 0}}
    return SpecCluster(workers=workers, scheduler=scheduler, silence_logs=logging.CRITICAL)


def _client(cluster: SpecCluster | str | None) -> Client:
    """Connect to a cluster, and check that it keeps to the contract."""
    try:
        client = Client(cluster, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"executor.address: expected the address of a Dask scheduler. Received: {cluster!r}: {error}"
        ) from error
    wrong = None
    threads = client.nthreads().values()
    if not threads:
        wrong = "a Dask scheduler with workers. Received: one that has none yet."
    elif max(threads) > 1:
        wrong = "Dask workers of one thread each (dask worker --nthreads 1), because Keras's seeds are a process's."
    elif client.run_on_scheduler(_allowed_failures) != 0:
        wrong = (
            "a Dask scheduler that does not run the trial of a dead worker again by itself. Start it with "
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=0"
        )
    if wrong:
        client.close()
        raise ConfigError(f"executor.address: expected {wrong}")
    return client


def _allowed_failures(dask_scheduler: Scheduler) -> int:
    return int(dask_scheduler.allowed_failures)
