"""What only the executor on Ray does."""

from __future__ import annotations

import functools
import re
import signal
from concurrent.futures import BrokenExecutor

import pytest
import ray
from ray.cluster_utils import Cluster

from tests import executor_task
from tests.executor.waiting import SECONDS
from toonvision.errors import ConfigError
from toonvision.executor.ray import RayExecutor


@pytest.mark.engine
def test_a_process_is_replaced_after_its_number_of_trials_and_the_sigterm_handler_stays() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with RayExecutor(workers=1, trials_per_worker=2) as executor:
        assert signal.getsignal(signal.SIGTERM) is before
        ids = [executor.submit(executor_task.process_id).result(SECONDS) for _ in range(4)]
    assert ids[0] == ids[1] != ids[2] == ids[3]


@pytest.mark.engine
def test_a_ray_cluster_that_is_too_small_is_rejected() -> None:
    message = "executor.workers: expected at most 0, for which Ray has 1 CPUs and 1 GPUs per trial. Received: 2."
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        RayExecutor(workers=2, gpus_per_trial=1)
    assert not ray.is_initialized()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "auto", "nowhere"])
@pytest.mark.engine
def test_a_missing_ray_cluster_is_an_error_of_the_configuration(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # `auto` would find the cluster that another test has started at the same time, in another process.
    monkeypatch.setattr("ray._private.services.find_gcs_addresses", functools.cache(set))
    monkeypatch.setattr("ray._private.services.find_bootstrap_address", lambda _: None)
    with pytest.raises(ConfigError, match=r"^executor\.address: expected .*Received: '"):
        RayExecutor(address=address)


@pytest.mark.engine
def test_a_running_ray_cluster_is_used_and_left_running() -> None:
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2})
    try:
        for _ in range(2):
            with RayExecutor(address=cluster.address) as executor:
                assert executor.workers == 2
                with pytest.raises(BrokenExecutor, match=r"^WorkerCrashedError: "):
                    executor.submit(executor_task.be_killed).result(SECONDS)
                assert executor.submit(executor_task.add, 1, 2).result(SECONDS) == 3
    finally:
        cluster.shutdown()
