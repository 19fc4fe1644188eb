"""Commands about config options: what they print."""

from __future__ import annotations

import pytest

from toonvision.cli import main
from toonvision.config.catalog import list_options
from toonvision.config.compose import config_directory


def test_an_option_is_shown_with_its_comments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "pruner=median"]) == 0
    assert capsys.readouterr().out == (config_directory() / "pruner" / "median.yaml").read_text()


def test_groups_and_options_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert "storage       journal, sqlite\n" in capsys.readouterr().out
    assert main(["list", "storage"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["journal", "sqlite"]
    assert all(line[9:] == option.purpose for line, option in zip(lines, list_options("storage"), strict=True))
