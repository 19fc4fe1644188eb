"""The guides in `docs/`: each command composes, and each module that a reader is to write works."""

from __future__ import annotations

import re
import runpy
import shlex
from pathlib import Path

import pytest

from toonvision.cli import COMMANDS
from toonvision.config.compose import compose
from toonvision.dataset import load_dataset
from toonvision.validation.validate import validate

GUIDES = sorted((Path(__file__).parents[1] / "docs").glob("*.md"))
COMMANDS_OF = {guide: re.findall(r"^    (toonvision .*)$", guide.read_text(), re.M) for guide in GUIDES}
MODULES = [
    (name, code)
    for guide in GUIDES
    for code, name in re.findall(r"```python\n(# (\w+)\.py, .*?)```", guide.read_text(), re.S)
]


@pytest.fixture
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make what the guides name, in the working directory."""
    for folder in ("pictures", "reviews"):
        (tmp_path / folder).mkdir()
    for file in ("rows.csv", "images.csv", "load.csv"):
        (tmp_path / file).touch()
    for name, code in MODULES:
        (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.setenv("TOONVISION_TRUSTED", ",".join(name for name, _ in MODULES))
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize(
    "command", [line for lines in COMMANDS_OF.values() for line in lines], ids=lambda line: line[:60]
)
def test_its_command_is_valid(command: str) -> None:
    _, *words = shlex.split(command, comments=True)
    if words[0] in COMMANDS:
        return
    validate(compose(words))


def test_the_gallery_is_written_from_the_experiments() -> None:
    (gallery,) = [guide for guide in GUIDES if guide.stem == "experiments"]
    written = runpy.run_path(str(gallery.with_suffix(".py")))["gallery"]()
    assert gallery.read_text(encoding="utf-8") == written, "python docs/experiments.py"


@pytest.mark.usefixtures("_files")
def test_its_function_is_a_dataset() -> None:
    config = validate(compose(["dataset=function", "dataset.build._target_=my_data.batches", "model=mlp"]))
    dataset = load_dataset(config.default_trial.dataset)
    assert (len(dataset.train), len(dataset.test), dataset.input_shape) == (1600, 320, (8,))
