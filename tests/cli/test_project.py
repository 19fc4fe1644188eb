"""`toonvision init`: what it asks and prints, and the project as a new user has it."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.command_line import run_command
from toonvision.cli import main
from toonvision.config.project import FILES
from toonvision.config.trust import TRUSTED_VARIABLE, trust_directory, trusted_directories

QUESTION = "Trust it, with all that will be in its directory? [Y/n]"


class Terminal(io.StringIO):
    """A standard input at which a person sits, who types this text."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _nothing_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, "")


@pytest.mark.parametrize(
    ("typed", "is_trusted"),
    [("y\n", True), ("Yes\n", True), ("\n", True), ("n\n", False), ("what\n", False), ("", False)],
)
def test_the_project_is_trusted_if_the_user_agrees(
    typed: str,
    is_trusted: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    assert main(["init", "project"]) == 0
    assert trusted_directories() == ([Path("project").resolve()] if is_trusted else [])
    shown = capsys.readouterr().out
    assert QUESTION in shown
    assert ("\n  toonvision trust " in shown) is not is_trusted


@pytest.mark.parametrize(("flag", "is_trusted"), [("--trust", True), ("--no-trust", False)])
def test_a_flag_answers_the_question(
    flag: str, is_trusted: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    assert main(["init", flag, "project"]) == 0
    assert trusted_directories() == ([Path("project").resolve()] if is_trusted else [])
    assert QUESTION not in capsys.readouterr().out


def test_without_a_terminal_it_is_not_trusted_and_the_command_to_do_so_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert main(["init", "a project"]) == 0
    assert trusted_directories() == []
    shown = capsys.readouterr().out
    assert QUESTION not in shown
    assert shown.endswith(
        "Next:\n"
        "  cd 'a project'\n"
        "  toonvision trust            # let it run its own Python code\n"
        "  toonvision experiment=mine  # search, then compare with the baseline\n"
        "  pytest                      # its own test\n"
    )


def test_a_directory_that_is_trusted_is_not_asked_about(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    trust_directory(tmp_path)
    (tmp_path / "project").mkdir()
    monkeypatch.chdir("project")
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    assert main(["init", "."]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"Written to {tmp_path / 'project'}:\n  README.md\n")
    assert all(f"\n  {name}\n" in shown for name in FILES)
    assert QUESTION not in shown
    assert "\nNext:\n  toonvision experiment=mine" in shown
    assert trusted_directories() == [tmp_path]


def test_a_directory_with_files_is_refused_and_not_trusted(capsys: pytest.CaptureFixture[str]) -> None:
    Path("project").mkdir()
    Path("project", "notes.txt").touch()
    assert main(["init", "project", "--trust"]) == 2
    assert capsys.readouterr().err == (
        "toonvision: DIR: expected a new or an empty directory. Received: 'project', in which there is notes.txt. "
        "Nothing was written.\n"
    )
    assert trusted_directories() == []


def test_yes_and_no_at_once_are_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "project", "--trust", "--no-trust"]) == 2
    assert "not allowed with argument --trust" in capsys.readouterr().err
    assert not Path("project").exists()


@pytest.mark.training
@pytest.mark.engine
def test_a_new_user_runs_the_experiment_predicts_and_runs_the_test_of_the_project(tmp_path: Path) -> None:
    assert run_command("init", "project", "--trust", cwd=tmp_path).returncode == 0
    project = tmp_path / "project"
    searched = run_command("experiment=mine", cwd=project)
    assert searched.returncode == 0, searched.stderr
    assert searched.stderr == ""
    assert "6/6  COMPLETED" in searched.stdout
    assert (project / "outputs" / "latest" / "report" / "index.html").stat().st_size > 100_000
    np.save(project / "new.npy", np.array([[0.0, 1.0], [1.0, -0.5]], np.float32))
    predicted = run_command("predict", "outputs/latest", "new.npy", cwd=project)
    assert predicted.returncode == 0, predicted.stderr
    assert [line.split(",")[1] for line in predicted.stdout.splitlines()] == ["prediction", "upper", "lower"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    tested = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stdout
    assert "passed" in tested.stdout
