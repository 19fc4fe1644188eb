"""One trial in a process: what an earlier attempt has left, what is an outcome, and what is raised."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
import tensorflow as tf

from tests.configuration import configured
from tests.simulation import SPACE
from toonvision.config.schema import TrialConfig
from toonvision.errors import ConfigError, StorageError
from toonvision.training import execute
from toonvision.training.worker import death, process_name, run_trial
from toonvision.trial.trial import (
    HISTORY,
    LOG,
    OUTCOME,
    Outcome,
    Reason,
    TrialStatus,
    tensorboard_directory,
    trial_directory,
)

COMPLETED = Outcome(TrialStatus.COMPLETED, 0.3, (0.3,), {"val_loss": 0.3}, 3, 3, 10)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = trial_directory(tmp_path, 0)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="module")
def config() -> TrialConfig:
    return configured(*SPACE).default_trial


def run(config: TrialConfig, directory: Path) -> Outcome:
    return run_trial(config, str(directory), 0, None, process_name())


def raising(error: Exception) -> Callable[..., Outcome]:
    def train(*_: object) -> Outcome:
        raise error

    return train


@pytest.mark.parametrize(
    ("log", "reason"), [(None, Reason.WORKER_DIED), ("", Reason.WORKER_DIED), ("Timeout", Reason.TIMED_OUT)]
)
def test_an_outcome_that_a_dead_process_left_counts_once_its_log_is_not_empty(
    log: str | None, reason: Reason, folder: Path, tmp_path: Path
) -> None:
    left = Outcome(TrialStatus.FAILED, error="training.timeout", reason=Reason.TIMED_OUT)
    (folder / OUTCOME).write_text(json.dumps(asdict(left)))
    if log is not None:
        (folder / LOG).write_text(log)
    outcome = death(tmp_path, 0, RuntimeError("killed by signal 9"))
    assert outcome.reason is reason
    assert (outcome == left) == (reason is Reason.TIMED_OUT)


def test_a_trial_starts_with_an_empty_history_and_nothing_else_of_an_earlier_attempt(
    config: TrialConfig, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    curves, others = (tensorboard_directory(tmp_path, number) / "execution_0" / "curves" for number in (0, 1))
    stale = (*(folder / name for name in (HISTORY, LOG, OUTCOME)), curves, others)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("of an earlier attempt")
    at_start: list[list[Path]] = []

    def look(*_: object) -> Outcome:
        assert (folder / HISTORY).read_text() == ""
        at_start.append([path for path in stale if path.exists()])
        return COMPLETED

    monkeypatch.setattr(execute, "execute", look)
    assert run(config, tmp_path).status is TrialStatus.COMPLETED
    assert at_start == [[folder / HISTORY, others]]


def test_a_training_that_raises_has_failed_and_its_traceback_is_in_the_log(
    config: TrialConfig,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(execute, "execute", raising(ValueError("the first line\nand the second")))
    outcome = run(config, tmp_path)
    assert (outcome.status, outcome.reason) == (TrialStatus.FAILED, Reason.RAISED)
    assert outcome.error == "ValueError: the first line"
    assert outcome.seconds > 0
    log = (folder / LOG).read_text()
    assert log.startswith("Traceback")
    assert log.endswith("ValueError: the first line\nand the second\n")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "MemoryError: no message"),
        (tf.errors.ResourceExhaustedError(None, None, "OOM"), "ResourceExhaustedError: OOM"),
    ],
)
def test_a_training_for_which_the_memory_does_not_suffice_is_out_of_memory(
    error: Exception, message: str, config: TrialConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "execute", raising(error))
    outcome = run(config, tmp_path)
    assert (outcome.status, outcome.reason) == (TrialStatus.FAILED, Reason.OUT_OF_MEMORY)
    assert outcome.error == message


def test_data_that_are_not_there_are_no_outcome_of_a_trial(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    config = configured("dataset=image_directory", f"dataset.path={tmp_path / 'pictures'}").default_trial
    (tmp_path / "pictures").rmdir()
    with pytest.raises(ConfigError, match="pictures"):
        run(config, tmp_path)
    assert not (folder / LOG).exists()


def test_a_full_disk_is_no_outcome_of_a_trial(
    config: TrialConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "execute", raising(OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(StorageError, match=f"{tmp_path}: expected room on the disk"):
        run(config, tmp_path)


def test_a_worker_that_died_without_a_word_has_only_died(folder: Path, tmp_path: Path) -> None:
    outcome = death(tmp_path, 0, RuntimeError("killed by signal 9"))
    assert (outcome.reason, outcome.error) == (Reason.WORKER_DIED, "its process has died: killed by signal 9")
