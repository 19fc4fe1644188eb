"""`environment.json`: what each session of a run was done with."""

from __future__ import annotations

import json
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests import simulation
from toonvision.config.trust import trust_directory
from toonvision.record.environment import ENVIRONMENT, environment, note_environment


def sessions(directory: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((directory / ENVIRONMENT).read_text())
    return found


def test_a_run_has_its_versions_and_its_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    simulation.run(tmp_path / "run", "tuner.max_trials=1")
    (found,) = sessions(tmp_path / "run")
    assert found["python"] == platform.python_version()
    assert found["packages"]["keras"] == version("keras")
    assert found["packages"]["toonvision"] == version("toonvision")
    assert (found["backend"], found["deterministic"]) == ("tensorflow", False)
    assert found["threads"]["OMP_NUM_THREADS"] == "3"
    assert found["cores"] >= 1
    assert found["memory_gib"] > 0
    assert found["git"] is None  # the working directory of a test is no repository


def test_a_session_is_added_where_the_environment_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulation.run(tmp_path / "run", "tuner.max_trials=1")
    simulation.resume(tmp_path / "run", "tuner.max_trials=2")
    assert len(sessions(tmp_path / "run")) == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    simulation.resume(tmp_path / "run", "tuner.max_trials=3")
    assert [found["threads"].get("OMP_NUM_THREADS") == "5" for found in sessions(tmp_path / "run")] == [False, True]


@pytest.mark.parametrize("content", ["", "[1", "{}", "[3]", "\x00"])
def test_a_file_that_is_no_longer_whole_is_replaced(content: str, tmp_path: Path) -> None:
    (tmp_path / ENVIRONMENT).write_text(content)
    note_environment(tmp_path, backend="jax", deterministic=True)
    (found,) = sessions(tmp_path)
    assert (found["backend"], found["deterministic"]) == ("jax", True)


def git(*words: str) -> str:
    author = ("-c", "user.name=n", "-c", "user.email=e")
    return subprocess.run(["git", *author, *words], check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_is_that_of_the_working_directory() -> None:
    git("init", "-q")
    Path("file").write_text("1")
    git("add", "file")
    git("commit", "-qm", "first")
    commit = git("rev-parse", "HEAD")
    assert environment()["git"] == {"commit": commit, "changed": None}  # a stranger's repository may name commands
    trust_directory(Path.cwd())
    assert environment()["git"] == {"commit": commit, "changed": True}  # `trust` is recorded in the working directory
    git("add", ".")
    git("commit", "-qm", "second")
    assert environment()["git"] == {"commit": git("rev-parse", "HEAD"), "changed": False}


def test_a_strangers_repository_runs_nothing() -> None:
    git("init", "-q")
    git("commit", "-qm", "first", "--allow-empty")
    git("config", "core.fsmonitor", "touch ran; false")
    git("config", "filter.mine.clean", "touch ran; cat")
    Path(".gitattributes").write_text("* filter=mine\n")
    Path("file").write_text("1")
    assert environment()["git"]["changed"] is None
    assert not Path("ran").exists()
