"""What TensorBoard shows on its HPARAMS page: a file a trial, beside its learning curves.

The search writes it when the trial has ended, so that a TensorBoard that is open shows the trial; the report writes all
of them again, from the record. Each takes the place of the one before.
"""

from __future__ import annotations

import os
from pathlib import Path

from toonvision.config.schema import RunConfig
from toonvision.record.results import Results
from toonvision.report import hparams
from toonvision.training.event_file import EventFile
from toonvision.trial.trial import TENSORBOARD, Trial, TrialStatus, tensorboard_directory

# TensorBoard may read files in the order of their names and not come back: this one is after the learning curves'.
HPARAMS = "hparams.tfevents"


def write(results: Results, directory: Path) -> Path:
    """Write the file of every trial but those that are running, which TensorBoard would never see end.

    Args:
        results: of the run.
        directory: of the other reports; TensorBoard reads another one.

    Returns:
        The folder that TensorBoard reads.
    """
    folder = results.directory / TENSORBOARD
    folder.mkdir(exist_ok=True)
    for trial in results.trials:
        if trial.status is not TrialStatus.RUNNING:
            write_trial(trial, config=results.config, directory=results.directory)
    return folder


def write_trial(trial: Trial, *, config: RunConfig, directory: Path) -> None:
    """Write the file of a trial that is not running.

    It is written elsewhere, and takes its place when it is whole: TensorBoard may be reading the one before.

    Args:
        trial: that has ended or was interrupted.
        config: valid.
        directory: of the run.
    """
    path = tensorboard_directory(directory, trial.number) / HPARAMS
    temporary, wall_time = path.with_name(f".{path.stem}-{os.getpid()}"), trial.ended or 0.0
    try:
        with EventFile(temporary, wall_time=wall_time) as file:
            for summary in [hparams.experiment(config), *hparams.session(config, trial)]:
                file.add(summary, step=trial.number, wall_time=wall_time)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
