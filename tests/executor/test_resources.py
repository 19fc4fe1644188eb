"""How the cores and GPUs of a machine are shared; CUDA_VISIBLE_DEVICES names the GPUs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from loky import cpu_count

from toonvision.config.directory import config_directory
from toonvision.config.node import Node
from toonvision.errors import ConfigError
from toonvision.executor.inline import InlineExecutor
from toonvision.executor.resources import JOBS, cpu_workers, planned_workers, shares, sizing, slots, visible_gpus


@pytest.fixture(autouse=True)
def _without_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "2")
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        monkeypatch.setenv(name, "")  # what a test sets is removed, too
        monkeypatch.delenv(name)
    monkeypatch.delenv(JOBS, raising=False)
    for name in ("TF_FORCE_GPU_ALLOW_GROWTH", "XLA_PYTHON_CLIENT_PREALLOCATE"):
        monkeypatch.setenv(name, "")


def devices(workers: int | str, gpus_per_trial: float | None) -> list[str | None]:
    return [slot.get("CUDA_VISIBLE_DEVICES") for slot in slots(workers, gpus_per_trial)]


@pytest.mark.parametrize(
    ("workers", "gpus", "jobs", "start", "end"),
    [
        (1, "", "1", "1 worker process, 2 threads each (executor.workers=1; 2 cores, ", " GiB, 0 GPUs)"),
        ("auto", "0,1,2", "1", "3 worker processes, 1 thread each (executor.workers=auto; 2 cores", ", 3 GPUs)"),
        (2, "", "2", "2 worker processes, 1 thread each (executor.workers=2; ", ", 0 GPUs, 2 jobs at once)"),
    ],
)
def test_the_sizing_says_what_was_chosen_and_why(
    workers: int | str, gpus: str, jobs: str, start: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", gpus)
    monkeypatch.setenv(JOBS, jobs)
    found = sizing(workers, slots(workers))
    assert found.startswith(start)
    assert found.endswith(end)


def test_auto_is_a_worker_a_core_with_a_thread_each() -> None:
    found = slots("auto")
    assert len(found) == cpu_workers() <= cpu_count()
    assert {slot["TF_NUM_INTRAOP_THREADS"] for slot in found} == {str(cpu_count() // len(found))}


def test_cores_are_divided_among_workers() -> None:
    [slot] = slots(1)
    assert slot["OMP_NUM_THREADS"] == slot["TF_NUM_INTEROP_THREADS"] == str(cpu_count())
    assert {slot["OMP_NUM_THREADS"] for slot in slots(5)} == {"1"}


def test_threads_that_the_user_has_set_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert [slot["OMP_NUM_THREADS"] for slot in slots(2)] == ["7", "7"]


@pytest.mark.parametrize(
    ("workers", "gpus_per_trial", "expected"),
    [
        ("auto", None, ["0", "1"]),
        ("auto", 1, ["0", "1"]),
        ("auto", 0.5, ["0", "1", "0", "1"]),
        ("auto", 0.3, ["0", "1"] * 3),
        ("auto", 2, ["0,1"]),
        (3, None, ["0", "1", "0"]),
        (1, None, ["0"]),
        (3, 0.5, ["0", "1", "0"]),
        (2, 0, ["-1", "-1"]),
    ],
)
def test_gpus_are_shared_out(
    monkeypatch: pytest.MonkeyPatch, workers: int | str, gpus_per_trial: float | None, expected: list[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert devices(workers, gpus_per_trial) == expected


def test_shares_of_a_tenth_are_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-a")
    assert devices("auto", 0.1) == ["GPU-a"] * 10


def test_the_memory_of_a_shared_gpu_is_taken_as_needed() -> None:
    assert all(slot["TF_FORCE_GPU_ALLOW_GROWTH"] == "true" for slot in slots(2))


def test_more_workers_than_shares_of_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    with pytest.raises(ConfigError, match=r"^executor.workers: expected at most 4, .* of 2 GPUs\. Received: 5\.$"):
        slots(5, 0.5)


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_gpus_that_are_not_there_are_refused(monkeypatch: pytest.MonkeyPatch, hidden: str) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    with pytest.raises(ConfigError, match=r"^executor.gpus_per_trial: expected at most .* here, 0\. Received: 0\.5\.$"):
        slots("auto", 0.5)


def test_the_driver_is_asked_for_gpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert visible_gpus() == []
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho GPU-a\necho GPU-b\n")
    program.chmod(0o755)
    assert visible_gpus() == ["GPU-a", "GPU-b"]
    program.write_text("#!/bin/sh\necho no driver\nexit 9\n")
    assert visible_gpus() == []


def planned(option: str, **settings: object) -> int:
    """Return the workers of an option of `conf/executor` with other settings."""
    node = yaml.safe_load((config_directory() / "executor" / f"{option}.yaml").read_text())
    return planned_workers(**Node.from_mapping({**node, **settings}).arguments)


@pytest.mark.parametrize(
    ("option", "settings", "expected"),
    [
        ("inline", {}, 1),
        ("processes", {"workers": 3}, 3),
        ("dask", {"workers": 3}, 3),
        ("dask", {"address": "tcp://10.0.0.1:8786"}, 1),
        ("dask", {"address": "tcp://10.0.0.1:8786", "workers": 8}, 8),
        ("ray", {}, 2),
        ("ray", {"cpus_per_trial": 2}, 1),
        ("ray", {"address": "auto", "workers": 4}, 4),
        ("slurm", {}, 4),
    ],
)
def test_the_number_of_workers_is_known_without_an_engine(
    option: str, settings: dict[str, object], expected: int
) -> None:
    assert planned(option, **settings) == expected


def test_ray_plans_one_worker_for_each_share_of_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert planned("ray", gpus_per_trial=1) == 1


def test_too_few_gpus_are_an_error_before_an_engine_starts() -> None:
    with pytest.raises(ConfigError, match="expected at most the number of GPUs that are visible here, 0"):
        planned("processes", gpus_per_trial=1)


@pytest.mark.parametrize(("jobs", "workers", "threads"), [("1", 8, "1"), ("2", 4, "1"), ("3", 2, "1"), ("9", 1, "1")])
def test_jobs_at_once_divide_the_cores(jobs: str, workers: int, threads: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toonvision.executor.resources.cpu_count", lambda: 8)
    monkeypatch.setattr("toonvision.executor.resources._BYTES_A_WORKER", 1)
    monkeypatch.setenv(JOBS, jobs)
    found = slots("auto")
    assert [slot["OMP_NUM_THREADS"] for slot in found] == [threads] * workers
    assert planned_workers(workers="auto", cpus_per_trial=1) == workers


def test_a_number_of_workers_is_for_each_job_and_the_threads_are_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toonvision.executor.resources.cpu_count", lambda: 16)
    monkeypatch.setenv(JOBS, "2")
    assert [slot["OMP_NUM_THREADS"] for slot in slots(4)] == ["2"] * 4
    InlineExecutor().shutdown()
    assert os.environ["TF_NUM_INTRAOP_THREADS"] == "8"


@pytest.mark.parametrize(
    ("gpus", "jobs", "expected"),
    [
        ("0,1,2,3", 2, ["0,2", "1,3"]),
        ("0,1,2", 2, ["0,2", "1"]),
        ("0,1", 3, ["0", "1", "0"]),
        ("0,1", 1, [None]),
        ("", 2, [None, None]),
    ],
)
def test_jobs_at_once_divide_the_gpus(
    gpus: str, jobs: int, expected: list[str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", gpus)
    found = shares(jobs)
    assert [variables.get("CUDA_VISIBLE_DEVICES") for variables in found] == expected
    assert {variables[JOBS] for variables in found} == {str(jobs)}
