"""What a trial may take: limits, and a process that ends itself where its training does not."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from toonvision.training.watchdog import StoppedError, Watchdog
from toonvision.training.worker import death
from toonvision.trial.trial import HISTORY, LOG, STOP, Reason, TrialStatus, trial_directory


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = trial_directory(tmp_path, 0)
    folder.mkdir(parents=True)
    (folder / HISTORY).touch()
    return folder


def reason_after(watchdog: Watchdog, seconds: float) -> Reason | None:
    with watchdog:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                watchdog.check()
            except StoppedError as error:
                return error.reason
            time.sleep(0.01)
    return None


def test_a_trial_within_its_limits_goes_on(folder: Path) -> None:
    assert reason_after(Watchdog(folder, timeout=100.0, memory_limit=1000.0, may_exit=False), 0.4) is None


def test_a_stop_file_is_seen(folder: Path) -> None:
    (folder / STOP).touch()
    assert reason_after(Watchdog(folder, timeout=None, memory_limit=None, may_exit=False), 5.0) is Reason.STOPPED


def test_time_is_limited(folder: Path) -> None:
    assert reason_after(Watchdog(folder, timeout=0.2, memory_limit=None, may_exit=False), 20.0) is Reason.TIMED_OUT


def test_the_memory_of_the_searchs_own_process_is_limited_without_ending_it(folder: Path) -> None:
    assert reason_after(Watchdog(folder, timeout=None, memory_limit=0.01, may_exit=False), 20.0) is Reason.OUT_OF_MEMORY


def in_a_process(folder: Path, body: str, *, timeout: float | None = None) -> subprocess.Popen[str]:
    """Start a process of which the watchdog may make an end; it gives up by itself only after a minute."""
    code = f"""
        import pathlib, time
        from toonvision.training import watchdog
        watchdog.GRACE_SECONDS = 0.2
        folder = pathlib.Path({str(folder)!r})
        with watchdog.Watchdog(folder, timeout={timeout}, memory_limit=0.3, may_exit=True):
            print("entered", flush=True)
            {body}
    """
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)


@pytest.mark.engine
def test_a_process_that_takes_too_much_memory_ends_with_its_reason(folder: Path, tmp_path: Path) -> None:
    with in_a_process(folder, "block = b'1' * 2**29; time.sleep(60)") as process:
        assert process.wait(50) == 1
    outcome = death(tmp_path, 0, RuntimeError("exit code 1"))
    assert (outcome.status, outcome.reason) == (TrialStatus.FAILED, Reason.OUT_OF_MEMORY)
    assert str(outcome.error).startswith("training.memory_limit: 0.3 GiB are allowed, ")


@pytest.mark.engine
def test_a_process_that_hangs_ends_with_a_traceback_of_where(folder: Path, tmp_path: Path) -> None:
    with in_a_process(folder, "hanging = time.sleep(60)", timeout=0.2) as process:
        assert process.wait(50) == 1
    outcome = death(tmp_path, 0, RuntimeError("exit code 1"))
    assert (outcome.status, outcome.reason) == (TrialStatus.FAILED, Reason.TIMED_OUT)
    assert 'File "<string>", line 8 in <module>' in (folder / LOG).read_text()


@pytest.mark.engine
def test_a_process_whose_trial_was_started_anew_ends(folder: Path) -> None:
    with in_a_process(folder, "time.sleep(60)") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "entered\n"
        (folder / HISTORY).unlink()
        (folder / HISTORY).touch()
        assert process.wait(50) == 1


@pytest.mark.engine
def test_a_process_whose_parent_is_gone_ends(folder: Path) -> None:
    code = f"""
        import os, pathlib, time
        from toonvision.training.watchdog import Watchdog
        if os.fork():
            time.sleep(1)
            os._exit(0)
        with Watchdog(pathlib.Path({str(folder)!r}), timeout=None, memory_limit=None, may_exit=True):
            time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=50)  # until both have closed the pipe
