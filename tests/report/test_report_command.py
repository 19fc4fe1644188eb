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

from tests.report.judged_run import judged_run
from toonvision.record.results import Results
from toonvision.report import write_reports

# A search that never ends: the lock and the writes of a real one, and of its trainings a little time.
SEARCH = """
import itertools, pathlib, random, sys, time
from tests.synthetic_run import ENDINGS, add_trial, begin_run
from toonvision.record.run_lock import locked
directory = pathlib.Path(sys.argv[1])
config, record = begin_run(directory, sys.argv[2:])
draw = random.Random(1)
def show(trial):
    print(trial.id, flush=True)
with locked(directory):
    for ending in itertools.cycle(ENDINGS):
        trial = add_trial(config, record, directory, ending=ending, draw=draw, on_start=show)
        time.sleep(0.05 if trial.number < 20 else 0.3)
"""
REPORT = """
import sys
import toonvision
from toonvision.cli import main
toonvision.compose()
toonvision.Results.load(sys.argv[1])
code = main(["report", sys.argv[1]])
print(code, sorted({"keras", "keras_tuner", "tensorflow", "torch"} & set(sys.modules)))
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
    """Write the reports of a run by the command, in a process of its own, which does not import Keras."""
    command = [sys.executable, "-c", REPORT, run]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert (ran.stdout.splitlines()[-1:], ran.stderr) == (["0 []"], "")


@pytest.mark.engine
def test_a_run_is_reported_while_it_goes_on_and_after_a_kill(search: subprocess.Popen[str]) -> None:
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


@pytest.mark.engine
def test_a_deleted_report_is_written_again_without_keras(tmp_path: Path) -> None:
    run = tmp_path / "run"
    ended = judged_run(run, "dataset=digits", "finalists.count=2", "path.seeds=2", trials=10)  # of which none runs on
    files = [path for path in write_reports(ended) if path.is_file()]
    before = {path: path.read_bytes() for path in files}
    assert run / "report" / "index.html" in before
    sessions = set((run / "tensorboard").rglob("hparams.tfevents"))
    assert len(sessions) == 10
    for path in (*before, *sessions):
        path.unlink()
    report(str(run))
    assert {path: path.read_bytes() for path in before} == before
    assert set((run / "tensorboard").rglob("hparams.tfevents")) == sessions
