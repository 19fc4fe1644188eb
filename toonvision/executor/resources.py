"""How many trials run at once on this machine, and which of its cores and GPUs each of them gets."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import psutil
from loky import cpu_count

from toonvision.errors import ConfigError, Problem

Environment = dict[str, str]

AUTO = "auto"
_COUNTS = ("workers", "trials_per_worker", "cpus_per_trial", "timeout", "memory")
# TensorFlow and a small model take 0.8 GB, and 8 MB more with every trial.
_BYTES_A_WORKER = 2 * 1024**3
_THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
# TensorFlow and JAX would each take all the memory of a GPU that others use, too.
_SHARED_MEMORY = {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}


def slots(workers: int | str, gpus_per_trial: float | None = None) -> list[Environment]:
    """Return one entry for each trial that runs at once: the environment variables of its process.

    Args:
        workers: their number, or "auto": one for each share of a GPU, or on a machine without any, or where trials get
            none, one for each core that this process may use, and at most one for each 2 GiB of the machine's memory.
        gpus_per_trial: 1 or more whole GPUs, or a share of one (0.5: two trials share a GPU), or 0 to hide them all.
            None gives each trial one, shared evenly if there are more workers than GPUs.

    Raises:
        ConfigError: if the machine has not so many GPUs.
    """
    gpus = [] if gpus_per_trial == 0 else visible_gpus()
    if gpus_per_trial is None:
        shares = gpus
    else:
        shares = _shares(gpus, gpus_per_trial)
        if workers != AUTO and shares and int(workers) > len(shares):
            raise ConfigError(
                f"executor.workers: expected at most {len(shares)}, with executor.gpus_per_trial={gpus_per_trial} of "
                f"{len(gpus)} GPUs. Received: {workers}."
            )
    number = (len(shares) or cpu_workers()) if workers == AUTO else int(workers)
    common = environment(max(1, cpu_count() // number))
    if gpus_per_trial == 0:
        return [common | {"CUDA_VISIBLE_DEVICES": "-1"} for _ in range(number)]
    if not shares:
        return [common for _ in range(number)]
    return [common | {"CUDA_VISIBLE_DEVICES": shares[index % len(shares)]} for index in range(number)]


def planned_workers(executor: Mapping[str, Any]) -> int:
    """Return how many trials an executor would run at once, without starting its engine.

    Args:
        executor: its group of the configuration, valid.

    Returns:
        The number of workers. It is 1 for `workers: auto` on a cluster that runs already: only the cluster knows.

    Raises:
        ConfigError: if the machine has not so many GPUs.
    """
    workers, gpus = executor.get("workers", 1), executor.get("gpus_per_trial")
    if executor.get("address") is not None:
        return 1 if workers == AUTO else int(workers)
    if "cpus_per_trial" not in executor:  # processes of this machine
        return len(slots(workers, gpus))
    if workers != AUTO:
        return int(workers)
    capacity = int(cpu_count()) // int(executor["cpus_per_trial"])
    if gpus:
        capacity = min(capacity, int(len(visible_gpus()) / gpus + 1e-9))
    return max(1, capacity)


def environment(threads: int) -> Environment:
    """Return the variables of a process that is to use so many threads, but for numbers that the user has set."""
    return {name: os.environ.get(name, str(threads)) for name in _THREADS} | _SHARED_MEMORY


def cpu_workers() -> int:
    """Return how many workers without a GPU this machine has the cores and the memory for."""
    return int(max(1, min(cpu_count(), psutil.virtual_memory().total // _BYTES_A_WORKER)))


def option_problems(options: Mapping[str, object]) -> Iterator[Problem]:
    """Yield what is wrong with the numbers of an executor's configuration, whatever the machine."""
    for key in _COUNTS:
        value = options.get(key, 1)
        if (not isinstance(value, int) or isinstance(value, bool) or value < 1) and (key, value) != ("workers", AUTO):
            expected = "'auto' or a whole number" if key == "workers" else "a whole number"
            yield Problem(f"executor.{key}", f"{expected} of at least 1", repr(value))
    gpus = options.get("gpus_per_trial")
    amount = float(gpus) if isinstance(gpus, int | float) and not isinstance(gpus, bool) else -1.0
    if gpus is not None and not (0 <= amount <= 1 or (amount > 1 and amount.is_integer())):
        expected = "null, a share between 0 and 1, or a whole number of GPUs"
        yield Problem("executor.gpus_per_trial", expected, repr(gpus))


def visible_gpus() -> list[str]:
    """Return the CUDA devices that this process may use, as `CUDA_VISIBLE_DEVICES` names them."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        named = [device.strip() for device in chosen.split(",") if device.strip()]
        return [] if "-1" in named else named
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, "--query-gpu=uuid", "--format=csv,noheader"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the driver's own program
    return asked.stdout.split() if asked.returncode == 0 else []


def _shares(gpus: list[str], gpus_per_trial: float) -> list[str]:
    """The devices of each trial that fits, those of one GPU spread over all of them first."""
    if gpus_per_trial == 0:
        return []
    size = max(1, int(gpus_per_trial))
    if len(gpus) < size:
        raise ConfigError(
            f"executor.gpus_per_trial: expected at most the number of GPUs that are visible here, {len(gpus)}. "
            f"Received: {gpus_per_trial!r}."
        )
    whole = [",".join(gpus[start : start + size]) for start in range(0, len(gpus) - size + 1, size)]
    # 1 / 0.1 is 10, but not quite for every fraction.
    return whole * int(1 / min(gpus_per_trial, 1) + 1e-9)
