"""What only the executor on SLURM does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests import executor_task
from tests.executor.waiting import SECONDS
from toonvision.errors import ConfigError
from toonvision.executor.slurm import SlurmExecutor


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": "auto"}, "executor.workers: expected a number of jobs. Received: 'auto'."),
        ({"cluster": "debug"}, "executor.cluster: expected slurm or local. Received: 'debug'."),
        ({"partition": "gpu\nrm -r x"}, "executor.partition: expected letters, digits and ./@+=,- only. Received: "),
        ({"folder": "jobs; rm -r x"}, "executor.folder: expected letters, digits and ./@+=,- only. Received: "),
        ({"gpus_per_trial": 0.5}, "executor.gpus_per_trial: expected a whole number of GPUs. Received: 0.5."),
        (
            {"cluster": "slurm"},
            "executor.cluster: expected a machine of a SLURM cluster. Received: slurm, on a machine",
        ),
    ],
)
def test_invalid_values_and_possible_commands_are_rejected(
    options: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "nowhere")
    defaults: dict[str, Any] = {"workers": 2, "cluster": "local", "folder": "jobs"}
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}"):
        SlurmExecutor(**{**defaults, **options})


@pytest.mark.engine
def test_the_files_of_jobs_are_removed(tmp_path: Path) -> None:
    with SlurmExecutor(workers=1, cluster="local", folder="jobs") as executor:
        assert executor.submit(executor_task.add, 1, 2).result(SECONDS) == 3
        [folder] = (tmp_path / "jobs").iterdir()
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()
