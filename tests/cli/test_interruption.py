"""Ctrl-C: the exit code, what is written, and how to go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from toonvision.cli import main
from toonvision.record.results import Results

ROOT = Path(__file__).parents[2]


@pytest.mark.engine
def test_ctrl_c_ends_a_run_with_exit_code_130_and_its_reports_are_written(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom tests.command_line import SPACE, slow_trainer\n"
        "from toonvision import job\nfrom toonvision.cli import main\n"
        "job.KERAS = slow_trainer()\nsys.exit(main([*SPACE, 'tuner.max_trials=50']))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("trial 0000")
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate()
    assert running.returncode == 130
    assert errors.splitlines()[-1].startswith("toonvision: interrupted. To go on: toonvision resume outputs/")
    results = Results.load(tmp_path / "outputs" / "latest")
    assert {trial.status.value for trial in results.trials} <= {"COMPLETED", "INTERRUPTED"}
    assert json.loads((results.directory / "summary.json").read_text())["status"] == "INTERRUPTED"
    assert (results.directory / "report" / "trials.csv").is_file()


def test_an_interrupted_train_command_does_not_suggest_resume(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("toonvision.api.train", interrupt)
    with pytest.raises(SystemExit) as raised:
        main(["train", "search_space=toonvision_cnn_baseline"])
    assert raised.value.code == 130
    assert capsys.readouterr().err == "toonvision: interrupted\n"
