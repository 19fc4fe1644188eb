"""Wrong input of every kind: one message with its place and the near name, at once, before TensorFlow is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from tests.wrong_input import Case, Ending, cases
from toonvision.cli import main
from toonvision.config.trust import TRUSTED_VARIABLE

ROOT = Path(__file__).parents[1]
CASES = [(group, number, case) for group, found in cases().items() for number, case in enumerate(found)]


@pytest.fixture
def ending(group: str, number: int, tmp_path_factory: pytest.TempPathFactory) -> Ending:
    """What the command of a case has come to; the process of a group runs once, for all workers of the tests."""
    folder = tmp_path_factory.getbasetemp()
    file = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / f"{group}.json"
    with FileLock(f"{file}.lock"):
        if not file.is_file():
            command = [sys.executable, "-m", "tests.wrong_input", group]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            file.write_text(done.stdout)
    return Ending(*json.loads(file.read_text())[number])


@pytest.mark.engine
@pytest.mark.parametrize(
    ("group", "number", "case"), CASES, ids=[f"{group}: {' '.join(case.words)}" for group, _, case in CASES]
)
def test_wrong_input_is_explained(case: Case, ending: Ending) -> None:
    errors = ending.errors
    assert errors.startswith("toonvision: ")
    assert errors.count("toonvision: ") == 1
    assert "Traceback" not in errors
    for part in case.message:
        assert part in errors, ending.errors
        errors = errors.partition(part)[2]
    assert ending.code == case.code
    assert ending.heavy == []


def test_there_are_at_least_two_hundred() -> None:
    assert len(CASES) >= 200


def test_a_file_of_a_trusted_project_that_contains_itself_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, str(Path.cwd()))
    Path("conf/experiment").mkdir(parents=True)
    Path("conf/experiment/mine.yaml").write_text("a: &a [*a]\n")
    assert main(["experiment=mine"]) == 2
    assert "of which no part contains itself. Received: a cycle of anchors." in capsys.readouterr().err
