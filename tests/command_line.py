"""What the tests of the command line share: short searches, and the command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests import simulation
from tests.simulation import SPACE as SIMULATED_SPACE
from tests.simulation import SimulatedTrials
from toonvision.search.runner import Trainer
from toonvision.trial.trial import Outcome

SPACE = (*SIMULATED_SPACE, "executor=inline")
SHORT = ("tuner.max_trials=2", "finalists.count=0", "training.epochs=1", "training.retrain={epochs:1,seeds:1}")
TABLE = ("dataset=breast_cancer", "model=mlp", "executor=inline", *SHORT)
SIMULATED = simulation.trainer()


def slow_trainer() -> Trainer:
    """Return a trainer whose simulated trials take 0.2 seconds each."""

    def run_trial(*arguments: Any, **keywords: Any) -> Outcome:
        time.sleep(0.2)
        return SimulatedTrials()(*arguments, **keywords)

    return replace(SIMULATED, run_trial=run_trial)


def run_command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    command = [sys.executable, "-m", "toonvision", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
