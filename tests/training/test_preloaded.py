"""What a forked worker has in memory, and what it leaves alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
from tests import executor_task
from toonvision.executor.processes import ProcessesExecutor

print("script")
executor = ProcessesExecutor(workers=2)
executor.fork_from("toonvision.training.preloaded")
print(executor.submit(executor_task.imported, "keras", "tensorflow", "toonvision.training.execute", "script").result())
print(executor.submit(executor_task.surroundings, "OMP_NUM_THREADS", "OF_THE_USER").result()[2])
executor.shutdown()
"""


@pytest.mark.engine
@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_a_forked_worker_has_imported_keras_and_does_not_run_the_script_again(tmp_path: Path) -> None:
    script = tmp_path / "script.py"  # without a guard
    script.write_text(SCRIPT)
    variables = {"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "3", "OF_THE_USER": "yes"}
    ended = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=os.environ | variables, check=True
    )
    assert ended.stdout.splitlines() == [
        "script",
        "['keras', 'tensorflow', 'toonvision.training.execute']",
        "{'OMP_NUM_THREADS': '3', 'OF_THE_USER': 'yes'}",
    ]
    assert ended.stderr == ""
