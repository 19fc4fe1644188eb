"""What of a sweep is left to do: the jobs that have not ended, and those that an override changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from toonvision.config.read import read_config
from toonvision.config.resolve import plain
from toonvision.config.sweep import Sweep, SweepJob
from toonvision.errors import ConfigError
from toonvision.record import reading
from toonvision.record.resume import changed_config, differences, resumed_config
from toonvision.record.run_state import RunStatus

_WRITTEN_LAST = "overrides.yaml"  # by Hydra, too: without it, the configuration may end in the middle


@dataclass(frozen=True, slots=True)
class JobLeft:
    """A job that goes on, or starts.

    Attributes:
        job: of the sweep.
        cfg: with which it starts; None if it has a record, with which it goes on.
    """

    job: SweepJob
    cfg: DictConfig | None


def jobs_left(sweep: Sweep, overrides: Sequence[str]) -> list[JobLeft]:
    """Return the jobs that have not completed, in their order, and the completed ones that the overrides change.

    Args:
        sweep: that has begun.
        overrides: what changes for every job, as for `toonvision.resume`.

    Raises:
        ConfigError: if a job may not have its configuration or its overrides, or a job has not started and files of
            options have changed since the sweep began: the jobs would differ in more than their overrides.
    """
    left = [found for job in sweep.jobs if (found := _left(job, overrides))]
    changes = differences(sweep.recorded, sweep.composed)
    if changes and any(found.cfg is not None for found in left):
        expected = "expected the files of options with which the sweep began, for jobs that have not started. Changed:"
        raise ConfigError("\n".join([expected, *(f"- {change}" for change in changes)]))
    return left


def _left(job: SweepJob, overrides: Sequence[str]) -> JobLeft | None:
    """Return how a job goes on; None if it has ended."""
    if not has_record(job.directory):
        cfg, _ = changed_config(job.cfg, job.directory, overrides)
        return JobLeft(job, cfg)
    _, changes = resumed_config(job.directory, overrides)
    _, state = reading.load(read_config(job.directory).storage, job.directory)
    return None if state.status is RunStatus.COMPLETED and not changes else JobLeft(job, None)


def has_record(directory: Path) -> bool:
    """Whether a job has begun to search: one that was killed before starts again.

    Raises:
        StorageError: if its record cannot be read.
    """
    is_configured = (directory / ".hydra" / _WRITTEN_LAST).is_file()
    return is_configured and reading.holds_record(read_config(directory).storage, directory)


def note_start(left: JobLeft, overrides: Sequence[str]) -> None:
    """Write the configuration of a job that starts, and its overrides, where a run keeps them."""
    folder = left.job.directory / ".hydra"
    folder.mkdir(parents=True, exist_ok=True)
    OmegaConf.save(OmegaConf.create(plain(left.cfg or {})), folder / "config.yaml")
    OmegaConf.save(OmegaConf.create([*left.job.overrides, *overrides]), folder / _WRITTEN_LAST)
