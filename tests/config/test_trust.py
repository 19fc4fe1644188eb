"""Trusted directories: recorded for the user, not in the project; below them the project's modules may be named."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from toonvision.cli import main
from toonvision.config.allowlist import target_problem
from toonvision.config.compose import compose
from toonvision.config.trust import (
    TRUSTED_VARIABLE,
    distrust_directory,
    is_trusted,
    own,
    trust,
    trust_directory,
    trusted_directories,
    trusted_modules,
)
from toonvision.errors import ConfigError


@pytest.fixture(autouse=True)
def _nothing_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, "")
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_a_trusted_directory_is_trusted_with_all_below_it_until_it_is_removed(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    trust_directory(Path("project"))
    trust_directory(Path("project"))
    assert trusted_directories() == [tmp_path / "project"]
    assert is_trusted(Path("project/conf/tuner/mine.yaml"))
    assert not is_trusted(tmp_path)
    assert not is_trusted(Path("project-of-another"))
    distrust_directory(tmp_path / "project")
    assert not is_trusted(Path("project"))


def test_a_link_in_a_trusted_directory_is_trusted_only_if_what_it_leads_to_is(tmp_path: Path) -> None:
    for name in ("project", "other"):
        (tmp_path / name).mkdir()
    trust_directory(Path("project"))
    Path("project/conf").symlink_to(tmp_path / "other")
    assert not is_trusted(Path("project/conf"))


def test_what_is_no_directory_cannot_be_trusted() -> None:
    with pytest.raises(ConfigError, match=r"^expected an existing folder\. Received: 'nowhere'"):
        trust_directory(Path("nowhere"))


def test_a_directory_that_is_not_trusted_cannot_be_removed(tmp_path: Path) -> None:
    trust_directory(tmp_path)
    with pytest.raises(ConfigError, match=rf"trusted directories \({tmp_path}\)\. Received: 'conf'"):
        distrust_directory(Path("conf"))


def test_nothing_is_written_into_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    (tmp_path / "project").mkdir()
    trust_directory(tmp_path / "project")
    assert list((tmp_path / "project").iterdir()) == []
    assert [path.name for path in (tmp_path / "user" / "toonvision").iterdir()] == ["trusted_directories"]


def test_the_environment_and_the_function_trust_modules_and_directories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, f"mine, {tmp_path / 'a'}")
    trust("other", str(tmp_path / "b"))
    assert trusted_modules() == ("mine", "other")
    assert trusted_directories() == [tmp_path / "a", tmp_path / "b"]


def test_a_directory_of_a_run_of_this_process_is_trusted(tmp_path: Path) -> None:
    assert not is_trusted(tmp_path / "run")
    own(Path("run"))
    assert is_trusted(tmp_path / "run" / ".hydra")


@pytest.mark.parametrize("root", ["", "src"])
def test_a_trusted_project_may_name_its_modules(root: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    name = f"mine_{abs(hash(request.node.nodeid))}"
    (tmp_path / root).mkdir(exist_ok=True)
    (tmp_path / root / f"{name}.py").write_text("from os import system\nclass Layer: ...\n")
    assert target_problem(f"{name}.Layer", "here") is not None
    trust_directory(tmp_path)
    compose()
    assert target_problem(f"{name}.Layer", "here") is None
    assert target_problem(f"{name}.system", "here") is not None  # defined in another module
    assert target_problem("os.system", "here") is not None
    assert target_problem("pytest.main", "here") is not None
    assert os.environ[TRUSTED_VARIABLE] == str(tmp_path)  # for the workers


def test_outside_a_trusted_directory_nothing_is_imported_from_the_working_directory(tmp_path: Path) -> None:
    compose()
    assert str(tmp_path) not in sys.path
    assert os.environ[TRUSTED_VARIABLE] == ""


def test_the_command_records_lists_and_removes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").mkdir()
    assert main(["trust", "a"]) == main(["trust"]) == 0
    capsys.readouterr()
    assert main(["trust", "--list"]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "a"), str(tmp_path)]
    assert main(["trust", "--remove", "a"]) == 0
    assert trusted_directories() == [tmp_path]
    assert main(["trust", "--remove", "a"]) == 2
    assert main(["trust", "nowhere"]) == 2
