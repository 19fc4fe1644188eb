"""What TensorBoard shows on its HPARAMS page, in the folders of the learning curves: one file a trial, and one for all.

The search writes a trial's file when the trial has ended, so that a TensorBoard that is open shows it; a report writes
all files again, from the record. Each takes the place of the one before.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from tensorboard.compat.proto.summary_pb2 import Summary

from toonvision.config import Config
from toonvision.event_file import EventFile
from toonvision.report import hparams
from toonvision.results import Results
from toonvision.trial import TENSORBOARD, Trial, TrialStatus, tensorboard_directory

# TensorBoard may read files in the order of their names and not come back: this one is after the learning curves'.
HPARAMS = "hparams.tfevents"


def write(results: Results, directory: Path) -> Path:
    """Write the experiment, and the session of every trial but those that are running.

    Args:
        results: of the run.
        directory: of the other reports. TensorBoard's files are in the run's, beside the learning curves.

    Returns:
        The file of the experiment.
    """
    for trial in results.trials:
        if trial.status is not TrialStatus.RUNNING:
            _write_session(results.config, results.directory, trial)
    return _write_experiment(results.config, results.directory)


def begin(config: Config, directory: Path) -> Callable[[Trial], None]:
    """Write the experiment, and return what writes the session of a trial that has ended.

    Args:
        config: valid.
        directory: of the run.
    """
    _write_experiment(config, directory)
    return functools.partial(_write_session, config, directory)


def _write_experiment(config: Config, directory: Path) -> Path:
    path = directory / TENSORBOARD / HPARAMS
    _write(path, [hparams.experiment(config)], step=0, wall_time=0.0)  # of no time: the same when written again
    return path


def _write_session(config: Config, directory: Path, trial: Trial) -> None:
    path = tensorboard_directory(directory, trial.number) / HPARAMS
    _write(path, hparams.session(config, trial), step=trial.number, wall_time=trial.ended or 0.0)


def _write(path: Path, summaries: Sequence[Summary], *, step: int, wall_time: float) -> None:
    """Write a file elsewhere, and let it take its place when it is whole: TensorBoard may be reading the one before."""
    temporary = path.with_name(f".{path.stem}-{os.getpid()}")
    try:
        with EventFile(temporary, wall_time=wall_time) as file:
            for summary in summaries:
                file.add(summary, step=step, wall_time=wall_time)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
