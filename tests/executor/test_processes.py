"""What only the executor of worker processes does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests import executor_task
from tests.executor.waiting import SECONDS, until
from toonvision.executor.processes import ProcessesExecutor


@pytest.mark.engine
def test_a_process_is_replaced_after_its_number_of_trials() -> None:
    with ProcessesExecutor(workers=1, trials_per_worker=2) as executor:
        ids = [executor.submit(executor_task.process_id).result(SECONDS) for _ in range(5)]
    assert ids[0] == ids[1] != ids[2] == ids[3] != ids[4]


@pytest.mark.engine
def test_a_process_that_died_between_trials_is_replaced() -> None:
    with ProcessesExecutor(workers=1) as executor:
        first = executor.submit(executor_task.process_id).result(SECONDS)
        os.kill(first, signal.SIGKILL)
        until(lambda: not psutil.pid_exists(first))
        time.sleep(0.2)  # in which the engine notices
        assert executor.submit(executor_task.process_id).result(SECONDS) != first


@pytest.mark.engine
def test_each_process_is_prepared_and_an_error_is_left_to_the_trials(tmp_path: Path) -> None:
    go, began = tmp_path / "go", tmp_path / "began"
    with ProcessesExecutor(workers=2) as executor:
        executor.prepare(executor_task.wait_for, str(go), str(began))
        until(lambda: began.exists() and len(set(began.read_text().split())) == 2)
        go.touch()
        executor.prepare(executor_task.fail, "not installed")
        assert executor.submit(executor_task.process_id).result(SECONDS) in map(int, began.read_text().split())


@pytest.mark.parametrize(
    ("death", "expected"), [((executor_task.leave, 7), r"EXIT\(7\)"), ((executor_task.be_killed,), r"SIGKILL\(-9\)")]
)
@pytest.mark.engine
def test_the_error_names_the_exit_code_or_the_signal(death: tuple[Any, ...], expected: str) -> None:
    with ProcessesExecutor(workers=1) as executor, pytest.raises(BrokenExecutor, match=rf"ended with {expected}$"):
        executor.submit(*death).result(SECONDS)


FORKED = """
from concurrent.futures import BrokenExecutor
from tests import executor_task
from toonvision.executor.processes import ProcessesExecutor

executor = ProcessesExecutor(workers=1)
executor.fork_from("tests.executor_dying")
for _ in range(2):
    try:
        executor.submit(executor_task.process_id).result()
    except BrokenExecutor as error:
        print(error)
executor.shutdown()
"""


@pytest.mark.engine
@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_the_death_of_the_process_to_fork_from_breaks_the_trials() -> None:
    ended = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=True)
    said = ended.stdout.splitlines()
    assert len(said) == 2
    assert all(line.startswith("the process that imports Keras for the workers has died: ") for line in said)
