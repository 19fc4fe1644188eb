"""Requests to stop: files in the directory of the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from toonvision.record.stop_request import FOLDER, StopRequests, ask, asked, forget


def test_what_is_asked_is_there_until_it_is_forgotten(tmp_path: Path) -> None:
    assert asked(tmp_path) == StopRequests()
    ask(tmp_path, 12)
    ask(tmp_path, 7)
    assert asked(tmp_path) == StopRequests(False, (7, 12))
    forget(tmp_path, 7)
    forget(tmp_path, 7)
    ask(tmp_path)
    assert asked(tmp_path) == StopRequests(True, (12,))
    forget(tmp_path)
    assert asked(tmp_path) == StopRequests()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["7.txt", "-1", "all", ".hidden"])
def test_other_files_are_no_requests(name: str, tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / name).touch()
    assert asked(tmp_path) == StopRequests()
