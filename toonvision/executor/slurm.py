"""Trials as SLURM jobs, by submitit; or as local jobs of submitit, to try it without SLURM."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import psutil
import submitit
from submitit.core.utils import FailedJobError, FailedSubmissionError, UncompletedJobError

from toonvision.errors import ConfigError, Problem
from toonvision.executor.call import pack, run, unpack
from toonvision.executor.resources import AUTO, environment

P = ParamSpec("P")
T = TypeVar("T")

_POLL_SECONDS = 0.5
# Between two calls of squeue; and after a job ends, until its result appears on shared storage.
_SLURM_SECONDS = (10.0, 5.0)
# Characters allowed in a job's script, where others could become a command.
_PLAIN = r"[\w./@+=,-]+"


class SlurmExecutor(ThreadPoolExecutor):
    """Runs each trial as a job. One local thread waits for each job that is queued or runs.

    If the search is killed, its jobs go on; a job stops when its trial is started again.

    Args:
        workers: number of jobs that are queued or run at once.
        cluster: `slurm`, or `local` for jobs in local processes.
        folder: a folder on storage that all machines share. Calls, results and logs go to a new folder below it, which
            only this user can write to; it is removed at the end.
        partition: SLURM partition; None for the default.
        timeout: minutes after which SLURM stops a trial.
        memory: GiB of memory for a trial.
        cpus_per_trial: number of CPUs and of threads.
        gpus_per_trial: number of GPUs.

    Raises:
        ConfigError: if SLURM is not installed, or a value is invalid.
    """

    def __init__(
        self,
        *,
        workers: int,
        cluster: str = "slurm",
        folder: str = "~/.cache/toonvision",
        partition: str | None = None,
        timeout: int = 60,
        memory: int = 4,
        cpus_per_trial: int = 1,
        gpus_per_trial: int = 0,
    ) -> None:
        self._check(workers, cluster, folder, partition, gpus_per_trial)
        self.workers, self._is_local = workers, cluster == "local"
        parent = Path(folder).expanduser().absolute()
        parent.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix="jobs-", dir=parent))
        self._environment = environment(cpus_per_trial)
        self._submitit = submitit.LocalExecutor(self._folder) if self._is_local else _slurm(self._folder)
        if self._is_local:
            self._submitit.update_parameters(timeout_min=timeout, gpus_per_node=gpus_per_trial)
        else:
            self._submitit.update_parameters(
                job_name="toonvision",
                partition=partition,
                time=timeout,
                mem=f"{memory}GB",
                cpus_per_task=cpus_per_trial,
                gpus_per_node=gpus_per_trial or None,
                # The search decides whether to retry a trial whose node failed.
                additional_parameters={"no-requeue": True},
            )
        self._given_up = threading.Event()
        super().__init__(workers, thread_name_prefix="trial", initializer=_block_interrupts)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn(*args, **kwargs)` in a job; the function and its arguments must be picklable.

        Returns:
            A future that raises BrokenExecutor if SLURM rejects the job or the job ends without a result.
        """
        return super().submit(self._run, fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for the jobs or, without `wait`, cancel the jobs that are queued or run."""
        if not wait:
            self._given_up.set()  # each thread cancels its job
        super().shutdown(cancel_futures=cancel_futures or not wait)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        task = pack(fn, *args, **kwargs).with_variables(self._environment)
        try:
            job: submitit.Job[Any] = self._submitit.submit(run, task)
        except FailedSubmissionError as error:
            raise BrokenExecutor(f"SLURM rejected the trial: {_last_line(error)}") from error
        self._wait(job)
        try:
            return unpack(job.result())
        except (UncompletedJobError, FailedJobError) as error:
            raise BrokenExecutor(f"job {job.job_id} ended without a result: {_last_line(error)}") from error

    def _wait(self, job: submitit.Job[Any]) -> None:
        """Wait for the result of a job. submitit's own wait never ends where SLURM keeps no accounting.

        Raises:
            BrokenExecutor: if the job ends without a result, or is cancelled.
        """
        has_ended, interval, delay = (job.done, 0.0, 0.0) if self._is_local else (_has_left_queue(job), *_SLURM_SECONDS)
        asked = time.monotonic()
        while not job.paths.result_pickle.exists():
            if self._given_up.wait(_POLL_SECONDS):
                _kill(job) if self._is_local else job.cancel(check=False)
                raise BrokenExecutor(f"job {job.job_id} was cancelled")
            if time.monotonic() - asked < interval:
                continue
            if has_ended():
                time.sleep(delay)
                if job.paths.result_pickle.exists():
                    return
                lines = (job.stderr() or "").strip().splitlines()
                raise BrokenExecutor(f"job {job.job_id} ended without a result{': ' + lines[-1] if lines else ''}")
            asked = time.monotonic()

    @staticmethod
    def _check(workers: object, cluster: str, folder: str, partition: str | None, gpus: float) -> None:
        if workers == AUTO:
            raise ConfigError(Problem("executor.workers", "a number of jobs", "'auto'"))
        if cluster not in ("slurm", "local"):
            raise ConfigError(Problem("executor.cluster", "slurm or local", repr(cluster)))
        for key, value in (("folder", folder.replace("~", "", 1)), ("partition", partition)):
            if value is not None and not re.fullmatch(_PLAIN, value):
                raise ConfigError(Problem(f"executor.{key}", "letters, digits and ./@+=,- only", repr(value)))
        if gpus != int(gpus):
            raise ConfigError(Problem("executor.gpus_per_trial", "a whole number of GPUs", repr(gpus)))


def _slurm(folder: Path) -> submitit.SlurmExecutor:
    try:
        return submitit.SlurmExecutor(folder, max_num_timeout=0)
    except RuntimeError as error:
        raise ConfigError(
            Problem("executor.cluster", "a machine of a SLURM cluster", "slurm, on a machine without srun")
        ) from error


def _has_left_queue(job: submitit.Job[Any]) -> Callable[[], bool]:
    """Return a function that asks SLURM whether a job has ended, without sacct, which needs accounting."""
    command = ["squeue", "--noheader", "--format=%T", f"--jobs={job.job_id}"]

    def ask() -> bool:
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
        # No answer, for example while SLURM restarts, does not mean that the job has ended.
        return (asked.returncode == 0 and not asked.stdout.strip()) or "Invalid job id" in asked.stderr

    return ask


def _kill(job: submitit.Job[Any]) -> None:
    """Stop a local job and its child processes."""
    try:
        controller = psutil.Process(int(job.job_id))
        for process in (controller, *controller.children(recursive=True)):
            process.kill()
    except psutil.NoSuchProcess:
        pass
    while not job.done():  # wait for the process, so that it does not stay a zombie
        time.sleep(0.01)


def _block_interrupts() -> None:
    """Block Ctrl-C in local jobs that this thread starts: a terminal sends it to all processes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _last_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[-1]
