"""The README is short, and every command and Python example in it works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from toonvision.cli import COMMANDS
from toonvision.config.compose import compose
from toonvision.config.directory import config_directory
from toonvision.config.repeat import expanded
from toonvision.validation.validate import validate

README = (Path(__file__).parents[1] / "README.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", README, re.S)
COMPOSED = [
    shlex.split(line, comments=True)[1:]
    for line in re.findall(r"^    (toonvision .*)$", README, re.M)
    if "--" not in line and "<" not in line
]


def test_it_is_read_in_five_minutes() -> None:
    assert len(README.splitlines()) < 200


@pytest.mark.training
def test_its_python_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(PYTHON) == 2
    for block in PYTHON:  # in this order, like a reader
        exec(compile(block, "README.md", "exec"), {})
    shown = capsys.readouterr().out
    assert "conv_1_filters" in shown
    assert "COMPLETED" in shown


def test_its_commands_compose(tmp_path: Path) -> None:
    assert len(COMPOSED) >= 8
    found = tmp_path / "outputs" / "latest" / "search_space"
    found.mkdir(parents=True)
    for folder in ("pictures", "reviews"):
        (tmp_path / folder).mkdir()
    (tmp_path / "rows.csv").touch()
    baseline = config_directory() / "search_space" / "toonvision_cnn_baseline.yaml"
    (found / "best.yaml").write_text(baseline.read_text())
    (found.parent / ".hydra").mkdir()
    (found.parent / ".hydra" / "config.yaml").touch()
    for words in COMPOSED:
        overrides = [word for word in words if word != "-m"]
        if overrides and overrides[0] in COMMANDS:
            if overrides[0] != "train":
                continue
            overrides = overrides[1:]
        swept = [word for word in overrides if "," in word.partition("=")[2] and "[" not in word]
        fixed = [word for word in overrides if word not in swept]
        validate(compose([*expanded(fixed), *(word.split(",")[0] for word in swept)]))


def test_its_options_are_those_of_conf() -> None:
    for group, options in re.findall(r"^\| `(\w+)`[^|]*\| (.*) \|$", README, re.M):
        if group == "search_space":
            continue
        named = set(re.findall(r"`(\w+)`", options))
        there = {path.stem for path in (config_directory() / group).glob("*.yaml")}
        assert named == there, group


def test_its_yaml_is_a_space_and_a_block(tmp_path: Path) -> None:
    space, block = re.findall(r"```yaml\n(.*?)```", README, re.S)
    assert OmegaConf.create(space).learning_rate.hp == "Choice"
    assert OmegaConf.create(block).layers.pooling._target_ == "keras.layers.GlobalAveragePooling2D"
