"""`toonvision report RUN` at any time: while the search runs, after it was killed, and without TensorFlow."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.synthetic_run import completed_run
from toonvision.record.results import Results
from toonvision.report import write_reports

# A search that never ends: the lock and the writes of a real one, and of its trainings a little time.
SEARCH = """
import itertools, pathlib, random, sys, time
from tests.synthetic_run import ENDINGS, add_trial, begin_run
from toonvision.api import locked
directory = pathlib.Path(sys.argv[1])
config, record = begin_run(directory, sys.argv[2:])
draw = random.Random(1)
with locked(directory):
    for ending in itertools.cycle(ENDINGS):
        add_trial(config, record, directory, ending=ending, draw=draw, tell=lambda trial: print(trial.id, flush=True))
        time.sleep(0.05)
"""
REPORT = """
import sys
from toonvision.cli import main
code = main(["report", sys.argv[1]])
print(code, sorted({"keras", "keras_tuner", "tensorflow"} & set(sys.modules)))
"""


@pytest.fixture(params=["sqlite", "journal"])
def search(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a search in `run`, and go on when it has begun its 20th trial."""
    command = [sys.executable, "-c", SEARCH, "run", f"storage={request.param}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as running:
        assert running.stdout is not None
        assert [running.stdout.readline().strip() for _ in range(20)][-1] == "0019"
        try:
            yield running
        finally:
            running.kill()


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])}


def report(run: str) -> None:
    """Write the reports of a run by the command, in a process of its own."""
    command = [sys.executable, "-c", REPORT, run]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert (ran.stdout.splitlines()[-1:], ran.stderr) == (["0 []"], "")


@pytest.mark.engine
def test_a_run_is_reported_while_it_goes_on_and_after_a_kill(search: subprocess.Popen[str]) -> None:
    for _ in range(2):
        before = len(Results.load("run").trials)
        report("run")
        assert len(pd.read_csv("run/report/trials.csv")) >= before
        assert json.loads(Path("run/summary.json").read_text())["status"] == "RUNNING"
    assert search.poll() is None
    search.send_signal(signal.SIGKILL)
    search.wait()
    report("run")
    table = pd.read_csv("run/report/trials.csv", dtype={"trial_id": str})
    assert list(table["trial_id"]) == [f"{number:04d}" for number in range(len(table))]
    assert list(table["status"]) == [trial.status.value for trial in Results.load("run").trials]


def test_a_deleted_report_is_written_again(tmp_path: Path) -> None:
    run = tmp_path / "run"
    files = [path for path in write_reports(completed_run(run, trials=20)) if path.is_file()]
    before = {path: path.read_bytes() for path in files}
    sessions = set((run / "tensorboard").rglob("hparams.tfevents"))
    assert len(sessions) == 20
    for path in (*before, *sessions):
        path.unlink()
    report(str(run))
    assert {path: path.read_bytes() for path in before} == before
    assert set((run / "tensorboard").rglob("hparams.tfevents")) == sessions
