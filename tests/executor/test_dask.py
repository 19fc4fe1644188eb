"""What only the executor on Dask does."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor

import dask.config
import pytest
from distributed import LocalCluster

from tests import executor_task
from tests.executor.waiting import SECONDS
from toonvision.errors import ConfigError
from toonvision.executor.dask import DaskExecutor


@pytest.fixture
def dask_cluster() -> Iterator[Callable[..., str]]:
    """Start a Dask cluster as a user would, and return its scheduler's address."""
    with contextlib.ExitStack() as stack:

        def start(*, workers: int = 2, threads: int = 1, failures: int = 0) -> str:
            with dask.config.set({"distributed.scheduler.allowed-failures": failures}):
                cluster = LocalCluster(n_workers=workers, threads_per_worker=threads, dashboard_address=":0")
            return str(stack.enter_context(cluster).scheduler_address)

        yield start


@pytest.mark.engine
def test_a_running_dask_cluster_is_used_and_left_running(dask_cluster: Callable[..., str]) -> None:
    address = dask_cluster()
    with DaskExecutor(address=address, workers=1) as executor:
        assert executor.workers == 1
    with DaskExecutor(address=address) as executor:
        assert executor.workers == 2
        assert executor.submit(executor_task.add, 1, 2).result(SECONDS) == 3
        with pytest.raises(BrokenExecutor, match=r"^the Dask worker tcp://127\.0\.0\.1:\d+ died$"):
            executor.submit(executor_task.be_killed).result(SECONDS)
    with DaskExecutor(address=address) as executor:
        assert executor.submit(executor_task.add, 1, 2).result(SECONDS) == 3


@pytest.mark.parametrize(
    ("cluster", "message"),
    [
        ({"threads": 2}, "executor.address: expected Dask workers with one thread each"),
        (
            {"failures": 3},
            "executor.address: expected a Dask scheduler that does not retry the trial of a dead worker",
        ),
        ({"workers": 0}, "executor.address: expected a Dask scheduler with workers."),
    ],
)
@pytest.mark.engine
def test_a_dask_cluster_with_wrong_settings_is_rejected(
    dask_cluster: Callable[..., str], cluster: dict[str, int], message: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{message}"):
        DaskExecutor(address=dask_cluster(**cluster))


def test_a_missing_dask_scheduler_is_an_error_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toonvision.executor.dask.CONNECT_SECONDS", 1)
    with pytest.raises(ConfigError, match=r"^executor\.address: expected .*Received: 'tcp://127\.0\.0\.1:1'"):
        DaskExecutor(address="tcp://127.0.0.1:1")
