"""Files that would take all memory or never end are refused before they are read."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from toonvision.cli import main
from toonvision.config.yaml_file import size_problem

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (BOMB, "at most 100000 values"),
        ("a: &a [*a]\n", "where no part contains itself"),
        ("[" * 5000, "nested at most 100 deep"),
        ("- " * 5000 + "1", "nested at most 100 deep"),
        ("a: 1\n" * 100_000, "at most 256 KiB"),
    ],
)
def test_a_file_that_would_exhaust_the_machine_is_refused_at_once(content: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(content)
    started = time.monotonic()
    assert expected in str(size_problem(file))
    assert time.monotonic() - started < 1


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mine.yaml")
    assert str(size_problem(tmp_path / "mine.yaml")).endswith("mine.yaml: expected a file. Received: something else.")


@pytest.mark.parametrize("content", ["", "a: 1\n", "a: &a [1]\nb: *a\nc: {<<: {d: *a}}\n", "a: [", "\xff"])
def test_other_files_are_left_to_who_reads_them(content: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(content, encoding="latin-1")
    assert size_problem(tmp_path / "mine.yaml") is None


@pytest.mark.parametrize("folder", ["conf", "more", "there"])
def test_no_folder_of_options_may_hold_one(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path.cwd() / folder / "experiment" / "mine.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(BOMB)
    words = {"conf": [], "more": ["--config-dir", "more"], "there": [f"hydra.searchpath=[file://{file.parents[1]}]"]}
    assert main([*words[folder], "experiment=mine"]) == 2
    assert capsys.readouterr().err.startswith(f"toonvision: {file}: expected at most 100000 values")
