"""Commands about a run that another process works on."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from tests.synthetic_run import synthetic_run
from toonvision.cli import main
from toonvision.record.run_lock import locked
from toonvision.record.stop_request import StopRequests, asked
from toonvision.trial.trial import TrialStatus

RUN = Path("mine")


@pytest.mark.parametrize(
    ("words", "expected", "shown"),
    [
        (["mine", "0001"], StopRequests(False, (1,)), "Trial 0001 ends after its current batch"),
        (["mine"], StopRequests(True), "The search ends: running trials stop after their current batch"),
    ],
)
def test_stop_asks_the_search(
    words: list[str], expected: StopRequests, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    synthetic_run(RUN, trials=2, endings=[TrialStatus.COMPLETED, TrialStatus.RUNNING])
    with locked(RUN):
        assert main(["stop", *words]) == 0
        assert asked(RUN) == expected
    assert shown in capsys.readouterr().out


def test_stop_explains_what_it_cannot_stop(capsys: pytest.CaptureFixture[str]) -> None:
    synthetic_run(RUN, trials=1)
    assert main(["stop", "mine"]) == 2
    assert "Received: mine, on which none does. To go on with it: toonvision resume mine" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["stop", "watch"])
def test_a_directory_without_a_run_is_an_error(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "nothing"]) == 2
    assert "expected the directory of a run. Received: 'nothing', without " in capsys.readouterr().err


def test_a_port_that_is_taken_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    synthetic_run(RUN, trials=1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["watch", "mine", f"--port={taken.getsockname()[1]}"]) == 2
    assert "--port: expected a free port of this machine." in capsys.readouterr().err


@pytest.mark.engine
def test_watch_serves_the_page_until_ctrl_c() -> None:
    synthetic_run(RUN, trials=1)
    command = [sys.executable, "-m", "toonvision", "watch", "mine", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        timer = threading.Timer(120, served.kill)
        timer.start()
        assert served.stdout is not None
        line = served.stdout.readline()
        assert line.startswith("mine, live until Ctrl-C: http://127.0.0.1:")
        with urllib.request.urlopen(line.split()[-1] + "version") as answer:
            assert len(answer.read()) == 16
        served.send_signal(signal.SIGINT)
        assert served.wait() == 0
        timer.cancel()
