"""Trials as jobs of SLURM, by submitit; or, to try that without SLURM, as submitit's jobs on this machine."""

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
from dataclasses import replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import psutil
import submitit
from submitit.core.utils import FailedJobError, FailedSubmissionError, UncompletedJobError

from toonvision.errors import ConfigError
from toonvision.executor.call import pack, run, unpack
from toonvision.executor.resources import AUTO, environment

P = ParamSpec("P")
T = TypeVar("T")

_POLL_SECONDS = 0.5
# Between two questions to SLURM; after a job's end, for its result to appear on shared storage.
_SLURM_SECONDS = (10.0, 5.0)
# What is written into a job's script, where anything else could become a command.
_PLAIN = r"[\w./@+=,-]+"


class SlurmExecutor(ThreadPoolExecutor):
    """One job a trial. One thread here waits for each of those that are queued or at work.

    A job outlives the search that submitted it, if that is killed; it ends when the trial is started anew.

    Args:
        workers: number of jobs that are queued or run at once.
        cluster: `slurm`, or `local` for jobs in processes of this machine.
        folder: on storage that all machines share; the jobs' calls, results and logs are in a new folder below it,
            which only this user can write to, and which is removed in the end. Nothing in there outlives the search.
        partition: SLURM's; its default if None.
        timeout: minutes after which SLURM ends a trial.
        memory: GiB that a trial may use.
        cpus_per_trial: number of CPUs, and of threads.
        gpus_per_trial: number of GPUs.

    Raises:
        ConfigError: if there is no SLURM here, or a value is out of place.
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
                # A trial whose node failed is for the search to run again.
                additional_parameters={"no-requeue": True},
            )
        self._given_up = threading.Event()
        super().__init__(workers, thread_name_prefix="trial", initializer=_block_interrupts)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn(*args, **kwargs)`, all of it picklable, in a job.

        Returns:
            A future that raises BrokenExecutor if the job ends without a result, or SLURM does not take it.
        """
        return super().submit(self._run, fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave SLURM; cancel the jobs that are queued or at work if `wait` is False."""
        if not wait:
            self._given_up.set()  # each thread cancels the job that it waits for
        super().shutdown(cancel_futures=cancel_futures or not wait)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        task = pack(fn, *args, **kwargs)
        task = replace(task, environment={**task.environment, **self._environment})
        try:
            job: submitit.Job[Any] = self._submitit.submit(run, task)
        except FailedSubmissionError as error:
            raise BrokenExecutor(f"SLURM did not take the trial: {_last_line(error)}") from error
        self._wait(job)
        try:
            return unpack(job.result())
        except (UncompletedJobError, FailedJobError) as error:
            raise BrokenExecutor(f"job {job.job_id} ended without a result: {_last_line(error)}") from error

    def _wait(self, job: submitit.Job[Any]) -> None:
        """Wait for the job's result. submitit's own waiting would never end where SLURM keeps no accounts.

        Raises:
            BrokenExecutor: if the job has ended without one, or is not waited for any more.
        """
        has_ended, every, late = (job.done, 0.0, 0.0) if self._is_local else (_has_left_queue(job), *_SLURM_SECONDS)
        asked = time.monotonic()
        while not job.paths.result_pickle.exists():
            if self._given_up.wait(_POLL_SECONDS):
                _kill(job) if self._is_local else job.cancel(check=False)
                raise BrokenExecutor(f"job {job.job_id} was cancelled")
            if time.monotonic() - asked < every:
                continue
            if has_ended():
                time.sleep(late)
                if job.paths.result_pickle.exists():
                    return
                told = (job.stderr() or "").strip().splitlines()
                raise BrokenExecutor(f"job {job.job_id} ended without a result{': ' + told[-1] if told else ''}")
            asked = time.monotonic()

    @staticmethod
    def _check(workers: object, cluster: str, folder: str, partition: str | None, gpus: float) -> None:
        if workers == AUTO:
            raise ConfigError("executor.workers: expected a number of jobs. Received: 'auto'.")
        if cluster not in ("slurm", "local"):
            raise ConfigError(f"executor.cluster: expected slurm or local. Received: {cluster!r}.")
        for key, value in (("folder", folder.replace("~", "", 1)), ("partition", partition)):
            if value is not None and not re.fullmatch(_PLAIN, value):
                raise ConfigError(f"executor.{key}: expected letters, digits and ./@+=,- only. Received: {value!r}.")
        if gpus != int(gpus):
            raise ConfigError(f"executor.gpus_per_trial: expected a whole number of GPUs. Received: {gpus!r}.")


def _slurm(folder: Path) -> submitit.SlurmExecutor:
    try:
        return submitit.SlurmExecutor(folder, max_num_timeout=0)
    except RuntimeError as error:
        raise ConfigError(
            "executor.cluster: expected a machine of a cluster. Received: slurm, on a machine without srun."
        ) from error


def _has_left_queue(job: submitit.Job[Any]) -> Callable[[], bool]:
    """Return what asks SLURM whether it has ended a job, without sacct, which needs accounts."""
    command = ["squeue", "--noheader", "--format=%T", f"--jobs={job.job_id}"]

    def ask() -> bool:
        asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - as submitit does
        # No answer, say while SLURM is started again, is no end.
        return (asked.returncode == 0 and not asked.stdout.strip()) or "Invalid job id" in asked.stderr

    return ask


def _kill(job: submitit.Job[Any]) -> None:
    """End a job on this machine, and what it has started."""
    try:
        controller = psutil.Process(int(job.job_id))
        for process in (controller, *controller.children(recursive=True)):
            process.kill()
    except psutil.NoSuchProcess:
        pass
    while not job.done():  # the process is waited for, or it would be a zombie
        time.sleep(0.01)


def _block_interrupts() -> None:
    """Keep Ctrl-C, which a terminal sends to all processes, from the jobs that this thread starts on this machine."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _last_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[-1]
