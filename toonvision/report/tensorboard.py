"""Event files for the HPARAMS page of TensorBoard: one for each trial, in the folder of its learning curves.

The search writes the file when the trial ends, so that an open TensorBoard shows the trial. The report writes all files
again, from the record. A new file replaces the earlier one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from toonvision.config.schema import RunConfig
from toonvision.errors import ConfigError, Problem
from toonvision.record.results import Results
from toonvision.report import hparams
from toonvision.training.event_file import EventFile
from toonvision.trial.trial import TENSORBOARD, Trial, TrialStatus, tensorboard_directory

# TensorBoard may read the files once, in the order of their names: this name follows those of the learning curves.
HPARAMS = "hparams.tfevents"
PAGE = 100  # trials; TensorBoard's default, which no option of it changes


def command(run: Path) -> tuple[list[str], list[str]]:
    """Return the command that serves the folder of a run on localhost, and notes where a page does not show all.

    Raises:
        ConfigError: if the run has no such folder.
    """
    logs = run / TENSORBOARD
    if not logs.is_dir():
        raise ConfigError(Problem("", "the directory of a run", f"{str(run)!r}, without {logs}"))
    trials = sum(1 for _ in logs.iterdir())
    note = f"The tab HPARAMS shows {PAGE} of {trials} trials a page. For more, see Paging there."
    words = [sys.executable, "-m", "tensorboard.main", "--host", "localhost", "--logdir", str(logs)]
    return words, [note] if trials > PAGE else []


def write(results: Results, directory: Path) -> Path:
    """Write the file of every trial that is not running. TensorBoard would never see the end of a running one.

    Args:
        results: of the run.
        directory: of the other reports; not used.

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

    The file is written under another name and then renamed, because TensorBoard may be reading the earlier one.

    Args:
        trial: a trial that has ended or was interrupted.
        config: valid configuration.
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
