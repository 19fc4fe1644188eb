"""Commands about a run that exists."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.article_trials import article_trials
from tests.command_line import SPACE, TABLE
from tests.recorded_run import recorded_run
from toonvision.cli import main


@pytest.mark.usefixtures("simulated")
def test_report_writes_identical_files_again_and_compare_lists_the_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hydra.run.dir=mine", *SPACE, "tuner.max_trials=3"]) == 0
    before = {path: path.read_bytes() for path in Path("mine/report").iterdir()}
    for path in before:
        path.unlink()
    assert main(["report", "mine"]) == 0
    assert {path: path.read_bytes() for path in Path("mine/report").iterdir()} == before
    capsys.readouterr()
    assert main(["compare", "mine", "mine"]) == 0
    shown = capsys.readouterr().out
    assert shown.split().count("mine") == 2
    assert "Leaderboard · breast_cancer · val_loss" in shown
    assert main(["compare", "mine", "mine", "--output", "both.html"]) == 0
    assert 'href="mine"' in Path("both.html").read_text()
    assert main(["compare", "mine", "mine", "--output", "nowhere/both.html"]) == 2
    assert "--output: expected a file FILE.html in a folder that exists" in capsys.readouterr().err


def test_narrow_writes_the_narrowed_space_and_a_dry_run_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    recorded_run(Path("mine"), article_trials(0))
    written = Path("mine/search_space/narrowed.yaml")
    assert main(["narrow", "mine", "--threshold", "0.3", "--dry-run"]) == 0
    assert "conv_2_filters below 8: 0 of " in capsys.readouterr().out
    assert not written.exists()
    assert main(["narrow", "mine", "--threshold=0.3", "--accept", "pool_4_size", "--accept", "dropout_1_rate"]) == 0
    shown = capsys.readouterr().out
    assert "Written to mine/search_space/narrowed.yaml. Next:" in shown
    assert "toonvision mine search_space=narrowed" in shown
    assert "conv_2_filters: {hp: Int, min_value: 4, max_value: 20, step: 4}" in written.read_text()
    assert "pool_4_size: {hp: Int, min_value: 1, max_value: 3, step: 1}" in written.read_text()


@pytest.mark.parametrize(("trials", "note"), [(100, ""), (101, "100 of 101 trials a page")])
def test_tensorboard_has_its_flags_and_a_note_if_a_page_does_not_show_all_trials(
    trials: int, note: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []

    def call(command: list[str]) -> int:
        called.append(command)
        return 3

    monkeypatch.setattr(subprocess, "call", call)
    for number in range(trials):
        Path("mine", "tensorboard", f"{number:04d}").mkdir(parents=True)
    assert main(["tensorboard", "mine", "--version_tb"]) == 3
    (command,) = called
    assert command[1:3] == ["-m", "tensorboard.main"]
    assert command[-3:] == ["--logdir", str(Path("mine", "tensorboard")), "--version_tb"]
    shown = capsys.readouterr().out
    assert note in shown
    assert ("Paging" in shown) == bool(note)


@pytest.mark.training
def test_tensorboard_serves_the_scalars_of_a_run() -> None:
    assert main(["hydra.run.dir=mine", *TABLE]) == 0
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "toonvision", "tensorboard", "mine", "--port", str(port)]
    served = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        url = f"http://localhost:{port}/data/plugin/scalars/tags"
        for _ in range(120):
            try:
                with urllib.request.urlopen(url) as answer:
                    tags = json.loads(answer.read())
            except OSError:
                tags = {}
            if set(tags) == {"0000", "0001"}:
                break
            time.sleep(0.5)
        assert set(tags) == {"0000", "0001"}
        assert "loss/validation" in tags["0001"]
    finally:
        os.killpg(served.pid, signal.SIGTERM)
        served.wait()
