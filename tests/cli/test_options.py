"""Commands about config options: what they print."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import toonvision
from toonvision.cli import main
from toonvision.config.catalog import list_options
from toonvision.config.directory import config_directory
from toonvision.validation import json_schema


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


def test_schemas_are_written_with_the_line_by_which_an_editor_finds_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = {"config": {"type": "object"}, "tuner": {"$ref": "config.json"}}
    monkeypatch.setattr(json_schema, "json_schemas", lambda options, main: made)
    assert main(["schema"]) == 0
    shown = capsys.readouterr().out
    assert "a JSON Schema for each of 1 config groups" in shown
    line = shown.splitlines()[-1].strip()
    own = Path("conf/tuner/mine.yaml")
    own.parent.mkdir(parents=True)
    found = own.parent / line.partition("$schema=")[2]
    assert json.loads(found.read_text()) == made["tuner"]
    own.write_text(f"# @package tuner.inner\n{line}\n# Mine.\nvalue: 5\n")
    assert toonvision.compose(["tuner=mine"]).tuner.inner.value == 5  # Hydra reads the first line alone
    assert main(["schema", "--output", "elsewhere"]) == 0
    assert Path("elsewhere/config.json").is_file()


def test_a_schema_is_not_written_through_a_link_to_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(json_schema, "json_schemas", lambda options, main: {"config": {}})
    Path("schemas").mkdir()
    Path("schemas/config.json").symlink_to(tmp_path / "victim")
    assert main(["schema", "--output", "schemas"]) == 1
    assert "config.json: expected no link" in capsys.readouterr().err
