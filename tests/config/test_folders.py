"""Folders are looked up; what a run writes stays in its directory, because links that lead out of it are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import toonvision
from tests import simulation
from tests.synthetic_run import synthetic_run
from toonvision.cli import main
from toonvision.config.folders import folder_problem, refuse_links
from toonvision.errors import StorageError

# What a stranger's run may lead elsewhere. One line a case.
LINKS = [
    ".hydra",
    ".hydra/config.yaml",
    ".lock",
    "finalists",
    "models",
    "report",
    "report/index.html",
    "search_space",
    "search_space/narrowed.yaml",
    "study.journal-wal",
    "summary.json",
    "tensorboard",
    "tensorboard/0000",
    "trials",
    "trials/0000",
    "trials/0000/history.csv",
]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "precious").write_text("precious")
    return tmp_path / "elsewhere"


@pytest.mark.parametrize("name", LINKS)
def test_a_link_anywhere_in_a_run_is_named(name: str, elsewhere: Path, tmp_path: Path) -> None:
    link = tmp_path / "run" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    with pytest.raises(
        StorageError, match=rf"{name}: expected no link out of the directory of a run\. Received: {elsewhere}"
    ):
        refuse_links(tmp_path / "run")


def test_the_run_may_be_given_by_a_link_and_hold_the_lock_of_a_journal(tmp_path: Path) -> None:
    (tmp_path / "run" / "trials").mkdir(parents=True)
    (tmp_path / "latest").symlink_to("run")
    (tmp_path / "run" / "study.journal.lock").symlink_to("run/study.journal")  # as Optuna makes it
    refuse_links(tmp_path / "latest")


COMMANDS: dict[str, Callable[[], object]] = {
    "report": lambda: main(["report", "run"]),
    "narrow": lambda: main(["narrow", "run"]),
    "resume": lambda: main(["resume", "run"]),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_writes_through_a_link(
    command: str, elsewhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    synthetic_run(tmp_path / "run", trials=4)
    for name in ("report", "search_space"):
        (tmp_path / "run" / name).symlink_to(elsewhere)
    assert COMMANDS[command]() == 1
    assert "expected no link out of the directory of a run" in capsys.readouterr().err
    assert [path.name for path in elsewhere.iterdir()] == ["precious"]


def test_a_run_begins_in_no_directory_with_a_link(elsewhere: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "trials").symlink_to(elsewhere)
    with pytest.raises(StorageError, match="expected no link"):
        simulation.run(tmp_path / "run")
    assert main(["hydra.run.dir=run"]) == 1
    with pytest.raises(StorageError, match="expected no link"):
        toonvision.narrow(tmp_path / "run")
    assert [path.name for path in elsewhere.iterdir()] == ["precious"]


def test_a_folder_is_looked_up_and_its_neighbour_suggested(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "file").touch()
    missing = folder_problem("picturs", "dataset.path")
    assert str(missing).endswith("Did you mean 'pictures'?")
    file = folder_problem("file", "warm_start")
    assert str(file) == "warm_start: expected a folder. Received: 'file', which is a file."
    assert folder_problem("pictures", "dataset.path") is None
