"""The cores and GPUs of this machine, and how simultaneous trials share them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

import psutil
from loky import cpu_count

from toonvision.errors import ConfigError, Problem

Environment = dict[str, str]

AUTO = "auto"
JOBS = "TOONVISION_JOBS"  # the variable with the number of jobs that share this machine
# TensorFlow and a small model take 0.8 GB, and 8 MB more with each trial.
_BYTES_A_WORKER = 2 * 1024**3
THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
# By default TensorFlow and JAX each take all the memory of a GPU, even if other trials share it.
_SHARED_MEMORY = {"TF_FORCE_GPU_ALLOW_GROWTH": "true", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}


def slots(workers: int | str, gpus_per_trial: float | None = None) -> list[Environment]:
    """Return the environment variables of each worker process.

    Args:
        workers: number of workers; "auto" for one per share of a GPU or, if trials use no GPU, one per core that this
            process may use, with at least 2 GiB of memory each. Jobs of a sweep that run at once share these.
        gpus_per_trial: a whole number of GPUs; a share of one (0.5: two trials share a GPU); 0 to hide all GPUs; None
            for one GPU per trial, shared evenly if there are more workers than GPUs.

    Raises:
        ConfigError: if the machine has too few GPUs.
    """
    gpus = [] if gpus_per_trial == 0 else visible_gpus()
    if gpus_per_trial is None:
        shares = gpus
    else:
        shares = _shares(gpus, gpus_per_trial)
        if workers != AUTO and shares and int(workers) > len(shares):
            raise ConfigError(
                Problem(
                    "executor.workers",
                    f"at most {len(shares)}, with executor.gpus_per_trial={gpus_per_trial} of {len(gpus)} GPUs",
                    str(workers),
                )
            )
    number = (len(shares) or cpu_workers()) if workers == AUTO else int(workers)
    common = environment(max(1, cores() // number))
    if gpus_per_trial == 0:
        return [common | {"CUDA_VISIBLE_DEVICES": "-1"} for _ in range(number)]
    if not shares:
        return [common for _ in range(number)]
    return [common | {"CUDA_VISIBLE_DEVICES": shares[index % len(shares)]} for index in range(number)]


def sizing(workers: int | str, environments: Sequence[Environment]) -> str:
    """Return how many workers there are, their threads, and why, in one line.

    Args:
        workers: as configured.
        environments: of the workers, as `slots` returns them.
    """
    number, threads = len(environments), environments[0][THREADS[0]]
    names = ",".join(environment.get("CUDA_VISIBLE_DEVICES", "-1") for environment in environments)
    gpus = len(set(names.split(",")) - {"-1", ""})
    machine = f"{cpu_count()} cores, {psutil.virtual_memory().total / 1024**3:.0f} GiB, {gpus} GPUs"
    machine += f", {jobs_at_once()} jobs at once" * (jobs_at_once() > 1)
    processes, each = f"{number} worker process{'es' * (number > 1)}", f"{threads} thread{'s' * (threads != '1')} each"
    return f"{processes}, {each} (executor.workers={workers}; {machine})"


def planned_workers(
    *,
    workers: int | str = 1,
    gpus_per_trial: float | None = None,
    cpus_per_trial: int | None = None,
    address: str | None = None,
    **_others: object,
) -> int:
    """Return how many trials an executor with these arguments would run at once, without starting its engine.

    Args:
        workers: a number or "auto"; an executor without it runs one trial at a time.
        gpus_per_trial: GPUs of a trial.
        cpus_per_trial: cores of a trial; None for an executor whose processes all run on this machine.
        address: where the cluster runs already.

    Returns:
        The number of workers. It is 1 for `workers: auto` on a cluster that runs already: only the cluster knows.

    Raises:
        ConfigError: if the machine has not so many GPUs.
    """
    if address is not None:
        return 1 if workers == AUTO else int(workers)
    if cpus_per_trial is None:
        return len(slots(workers, gpus_per_trial))
    if workers != AUTO:
        return int(workers)
    capacity = cores() // cpus_per_trial
    if gpus_per_trial:
        capacity = min(capacity, int(len(visible_gpus()) / gpus_per_trial + 1e-9))
    return max(1, capacity)


def environment(threads: int) -> Environment:
    """Return the environment variables of a process with this number of threads; variables set by the user stay."""
    return {name: os.environ.get(name, str(threads)) for name in THREADS} | _SHARED_MEMORY


def jobs_at_once() -> int:
    """Return how many jobs of a sweep share this machine, this one included."""
    return int(os.environ.get(JOBS, "1"))


def cores() -> int:
    """Return the number of cores for this process: its share, if jobs run beside it."""
    return int(max(1, cpu_count() // jobs_at_once()))


def cpu_workers() -> int:
    """Return the number of workers without a GPU for which this process has cores and memory."""
    return int(max(1, min(cpu_count(), psutil.virtual_memory().total // _BYTES_A_WORKER) // jobs_at_once()))


def shares(jobs: int) -> list[Environment]:
    """Return the variables of each of several jobs at once: how many they are, and the GPUs of each."""
    number, gpus = {JOBS: str(jobs)}, visible_gpus() if jobs > 1 else []
    if not gpus:
        return [number] * jobs
    of_job = (gpus[job::jobs] or [gpus[job % len(gpus)]] for job in range(jobs))
    return [number | {"CUDA_VISIBLE_DEVICES": ",".join(devices)} for devices in of_job]


def visible_gpus() -> list[str]:
    """Return the names of the CUDA devices that this process may use, as in `CUDA_VISIBLE_DEVICES`."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        named = [device.strip() for device in chosen.split(",") if device.strip()]
        return [] if "-1" in named else named
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, "--query-gpu=uuid", "--format=csv,noheader"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stdout.split() if asked.returncode == 0 else []


def _shares(gpus: list[str], gpus_per_trial: float) -> list[str]:
    """Return the devices of each simultaneous trial; each GPU gets a trial before one gets a second."""
    if gpus_per_trial == 0:
        return []
    size = max(1, int(gpus_per_trial))
    if len(gpus) < size:
        raise ConfigError(
            Problem(
                "executor.gpus_per_trial",
                f"at most the number of GPUs that are visible here, {len(gpus)}",
                repr(gpus_per_trial),
            )
        )
    whole = [",".join(gpus[start : start + size]) for start in range(0, len(gpus) - size + 1, size)]
    # A quotient of floats can be a little below a whole number.
    return whole * int(1 / min(gpus_per_trial, 1) + 1e-9)
