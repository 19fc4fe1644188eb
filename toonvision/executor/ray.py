"""Trials on Ray: on this machine, or on a cluster that runs already."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

import ray
from loky import cpu_count
from ray.exceptions import RayError

from toonvision.errors import ConfigError
from toonvision.executor.call import pack, run, unpack
from toonvision.executor.resources import AUTO, environment

P = ParamSpec("P")
T = TypeVar("T")

_CONNECT_SECONDS = 10


class RayExecutor(ThreadPoolExecutor):
    """One Ray task for each trial that runs at once, on the CPUs and GPUs that it asks for. A thread here waits for it.

    Args:
        address: of a running cluster, `auto` for one that this machine belongs to; Ray on this machine if None.
        workers: number of trials at once, or "auto": as many as Ray has CPUs and GPUs for.
        cpus_per_trial: number of CPUs, and of threads.
        gpus_per_trial: number of GPUs, or a share of one; with 0, trials see none.
        trials_per_worker: a process ends after so many, because TensorFlow keeps about 8 MB of each.

    Raises:
        ConfigError: if there is no such cluster, or it is too small.
    """

    def __init__(
        self,
        *,
        address: str | None = None,
        workers: int | str = AUTO,
        cpus_per_trial: int = 1,
        gpus_per_trial: float = 0,
        trials_per_worker: int = 50,
    ) -> None:
        _start(address, None if workers == AUTO else int(workers) * cpus_per_trial)
        capacity = _capacity(cpus_per_trial, gpus_per_trial)
        self.workers = capacity if workers == AUTO else int(workers)
        if not 1 <= self.workers <= capacity:
            ray.shutdown()
            raise ConfigError(
                f"executor.workers: expected at most {capacity}, for which Ray has {cpus_per_trial} CPUs and "
                f"{gpus_per_trial} GPUs a trial. Received: {workers!r}."
            )
        self._environment = environment(cpus_per_trial)
        # max_retries=0: a trial whose worker died is for the search to run again.
        demand: dict[str, Any] = {"num_cpus": cpus_per_trial, "num_gpus": gpus_per_trial}
        self._remote = ray.remote(max_retries=0, max_calls=trials_per_worker, **demand)(run)
        self._running: set[Any] = set()
        super().__init__(self.workers, thread_name_prefix="trial")

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn(*args, **kwargs)`, all of it picklable, on a worker.

        Returns:
            A future that raises BrokenExecutor if the worker dies, or the cluster is lost.
        """
        return super().submit(self._run, fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster or end it, if it is of this machine; end trials at work at once if `wait` is False."""
        super().shutdown(wait=wait, cancel_futures=cancel_futures or not wait)
        for reference in list(self._running):
            ray.cancel(reference, force=True)
        super().shutdown()
        ray.shutdown()

    def _run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        task = pack(fn, *args, **kwargs)
        reference = self._remote.remote(replace(task, environment={**task.environment, **self._environment}))
        self._running.add(reference)
        try:
            return unpack(ray.get(reference))
        except RayError as error:
            told = str(error).strip() or "no more is known"
            raise BrokenExecutor(f"{type(error).__name__}: {told.splitlines()[-1]}") from error
        finally:
            self._running.discard(reference)


def _start(address: str | None, cpus: int | None) -> None:
    """Start Ray on this machine with so many CPUs, by default all of it, or connect to the cluster at an address."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers of each run
    common: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    on_sigterm = signal.getsignal(signal.SIGTERM)
    try:
        if address is None:
            ray.init("local", num_cpus=cpus or cpu_count(), include_dashboard=False, **common)
        else:
            if address != AUTO:  # Ray would try for ten minutes and more
                host, _, port = address.rpartition(":")
                socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()
            ray.init(address, **common)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"executor.address: expected host:port of a Ray cluster, or auto. Received: {address!r}: {error}"
        ) from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, on_sigterm)  # which Ray has replaced by its own


def _capacity(cpus_per_trial: int, gpus_per_trial: float) -> int:
    """How many trials the cluster can run at once."""
    there = ray.cluster_resources()
    capacity = int(there.get("CPU", 0) / cpus_per_trial)
    if gpus_per_trial:
        capacity = min(capacity, int(there.get("GPU", 0) / gpus_per_trial + 1e-9))
    return capacity
