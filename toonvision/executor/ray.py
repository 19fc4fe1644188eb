"""Trials on Ray: on this machine or on a running cluster."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

import ray
from ray.exceptions import RayError

from toonvision.errors import ConfigError, Problem
from toonvision.executor.call import pack, run, unpack
from toonvision.executor.resources import AUTO, cores, environment

P = ParamSpec("P")
T = TypeVar("T")

CONNECT_SECONDS = 10


class RayExecutor(ThreadPoolExecutor):
    """Runs each trial as a Ray task with its own CPUs and GPUs. One local thread waits for each task.

    Args:
        address: address of a running cluster; `auto` for the cluster of this machine; None to start Ray here.
        workers: number of trials that run at once, or "auto" for as many as the cluster has CPUs and GPUs for.
        cpus_per_trial: number of CPUs and of threads.
        gpus_per_trial: number of GPUs, or a share of one; 0 hides all GPUs.
        trials_per_worker: number of trials after which a process is replaced; TensorFlow keeps about 8 MB per trial.

    Raises:
        ConfigError: if there is no such cluster or it is too small.
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
                Problem(
                    "executor.workers",
                    f"at most {capacity}, for which Ray has {cpus_per_trial} CPUs and {gpus_per_trial} GPUs per trial",
                    repr(workers),
                )
            )
        self._environment = environment(cpus_per_trial)
        # max_retries=0: the search decides whether to retry a trial whose worker died.
        demand: dict[str, Any] = {"num_cpus": cpus_per_trial, "num_gpus": gpus_per_trial}
        self._remote = ray.remote(max_retries=0, max_calls=trials_per_worker, **demand)(run)
        self._running: set[Any] = set()
        super().__init__(self.workers, thread_name_prefix="trial")

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn(*args, **kwargs)` on a worker; the function and its arguments must be picklable.

        Returns:
            A future that raises BrokenExecutor if the worker dies or the connection to the cluster is lost.
        """
        return super().submit(self._run, fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Disconnect from the cluster, or stop Ray on this machine; without `wait`, stop running trials at once."""
        super().shutdown(wait=wait, cancel_futures=cancel_futures or not wait)
        for reference in list(self._running):
            ray.cancel(reference, force=True)
        super().shutdown()
        ray.shutdown()

    def _run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        reference = self._remote.remote(pack(fn, *args, **kwargs).with_variables(self._environment))
        self._running.add(reference)
        try:
            return unpack(ray.get(reference))
        except RayError as error:
            message = str(error).strip() or "without a message"
            raise BrokenExecutor(f"{type(error).__name__}: {message.splitlines()[-1]}") from error
        finally:
            self._running.discard(reference)


def _start(address: str | None, cpus: int | None) -> None:
    """Start Ray on this machine, or connect to the cluster at an address.

    Args:
        address: address of a running cluster; None to start Ray here.
        cpus: number of CPUs of a started Ray; None for all.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray reports each run to its developers by default
    common: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    on_sigterm = signal.getsignal(signal.SIGTERM)
    try:
        if address is None:
            ray.init("local", num_cpus=cpus or cores(), include_dashboard=False, **common)
        else:
            if address != AUTO:  # Ray itself tries for more than ten minutes
                host, _, port = address.rpartition(":")
                socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS).close()
            ray.init(address, **common)
    except (OSError, ValueError) as error:
        raise ConfigError(
            Problem("executor.address", "host:port of a Ray cluster, or auto", f"{address!r}: {error}")
        ) from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, on_sigterm)  # Ray installs its own handler


def _capacity(cpus_per_trial: int, gpus_per_trial: float) -> int:
    """Return how many trials the cluster can run at once."""
    resources = ray.cluster_resources()
    capacity = int(resources.get("CPU", 0) / cpus_per_trial)
    if gpus_per_trial:
        capacity = min(capacity, int(resources.get("GPU", 0) / gpus_per_trial + 1e-9))
    return capacity
