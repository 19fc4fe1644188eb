"""The guides below `docs/`: each command is valid, and each file that a reader is to write works."""

from __future__ import annotations

import ast
import re
import runpy
import shlex
import textwrap
from pathlib import Path

import pytest
from omegaconf import OmegaConf

import toonvision
from tests.documents import DOCS, guides
from toonvision.cli import COMMANDS
from toonvision.config.arguments import Command, Parser
from toonvision.config.compose import compose
from toonvision.config.directory import config_directory
from toonvision.dataset import load_dataset
from toonvision.record.resume import HARMLESS
from toonvision.training.model import build_model, interface
from toonvision.validation.validate import validate

TEXTS = {guide.relative_to(DOCS).as_posix(): guide.read_text(encoding="utf-8") for guide in guides()}
LINES = list(
    dict.fromkeys(line for text in TEXTS.values() for line in re.findall(r"^ {4,}(toonvision .*)$", text, re.M))
)
# The code in a fence, without the indent of the list that it stands in.
BLOCKS = [
    (language, textwrap.dedent(code))
    for text in TEXTS.values()
    for _, language, code in re.findall(r"^( *)```(\w+)\n(.*?)^\1```$", text, re.S | re.M)
]
MODULES = [
    (name, code) for language, code in BLOCKS if language == "python" for name in re.findall(r"^# (\w+)\.py, ", code)
]
OPTIONS = [
    (name, code)
    for language, code in BLOCKS
    if language == "yaml"
    for name in re.findall(r"^# (conf/[\w/]+\.yaml)", code, re.M)
]


@pytest.fixture
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make what the guides name, in the working directory: data, modules, options, and a finished run."""
    for folder in ("pictures", "reviews"):
        (tmp_path / folder).mkdir()
    for file in ("rows.csv", "images.csv", "load.csv"):
        (tmp_path / file).touch()
    for name, code in MODULES:
        (tmp_path / f"{name}.py").write_text(code)
    for name, code in OPTIONS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(code)
    space = (config_directory() / "search_space" / "toonvision_cnn.yaml").read_text()
    found = tmp_path / "outputs" / "latest"
    (found / "search_space").mkdir(parents=True)
    (found / "search_space" / "narrowed.yaml").write_text(space)
    (found / ".hydra").mkdir()
    OmegaConf.save(compose([]), found / ".hydra" / "config.yaml")
    monkeypatch.setenv("TOONVISION_TRUSTED", ",".join([str(tmp_path), *(name for name, _ in MODULES)]))
    monkeypatch.syspath_prepend(tmp_path)


def parsed(name: str, command: Command, words: list[str]) -> dict[str, object]:
    """Return the arguments of a command, as `Command.run` does; a wrong one is an error."""
    parser = Parser(f"toonvision {name}")
    command.declare(parser)
    arguments, unknown = parser.parse_known_intermixed_args(words)
    assert not unknown, unknown
    return vars(arguments)


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:60])
def test_its_command_is_valid(line: str) -> None:
    _, *words = shlex.split(line, comments=True)
    name = words.pop(0) if words[0] in COMMANDS else ""
    arguments = parsed(name, COMMANDS[name], words) if name else {}
    if name == "list" and arguments["group"]:
        assert (config_directory() / str(arguments["group"])).is_dir()
    elif name == "show":
        group, _, option = str(arguments["option"]).partition("=")
        assert (config_directory() / group / f"{option}.yaml").is_file()
    elif name == "resume":
        keys = [word.partition("=")[0] for word in words[1:]]
        assert all(any(key == allowed or key.startswith(f"{allowed}.") for allowed in HARMLESS) for key in keys)
        compose(words[1:])
    elif name in ("", "check", "train"):
        overrides = [word for word in words if word not in ("-m", "--cfg", "job")]
        swept = [word for word in overrides if "," in word.partition("=")[2] and not re.search(r"[\[{]", word)]
        assert not swept or "-m" in words
        validate(compose([word.split(",")[0] if word in swept else word for word in overrides]))


def test_the_guides_have_commands_and_files() -> None:
    assert len(LINES) > 80
    assert {name for name, _ in MODULES} == {"my_data", "my_layers"}
    assert len(OPTIONS) == 2


def test_its_code_can_be_read() -> None:
    for language, code in BLOCKS:
        if language == "python":
            ast.parse(code)
        elif language == "yaml":
            assert OmegaConf.create(code)


def test_the_gallery_is_written_from_the_experiments() -> None:
    written = runpy.run_path(str(DOCS / "experiments.py"))["gallery"]()
    assert TEXTS["experiments.md"] == written, "python docs/experiments.py"


def test_each_public_name_is_on_the_page_of_the_api() -> None:
    named = re.findall(r"^\.\. auto\w+:: toonvision\.(\w+)", TEXTS["look_up/api.md"], re.M)
    assert sorted(named) == toonvision.__all__


@pytest.mark.usefixtures("_files")
def test_its_function_is_a_dataset() -> None:
    config = validate(compose(["dataset=function", "dataset.build._target_=my_data.batches", "model=mlp"]))
    dataset = load_dataset(config.default_trial.dataset)
    assert (len(dataset.train), len(dataset.test), dataset.input_shape) == (1600, 320, (8,))


@pytest.mark.usefixtures("_files")
def test_its_layer_and_its_metric_are_those_of_a_model() -> None:
    with_layer = next(line for line in LINES if "noisy_dense" in line)
    metric = "+training.metrics.top_two={_target_: my_layers.TopTwo}"
    trial = validate(compose([*shlex.split(with_layer)[1:], metric])).default_trial
    dataset = load_dataset(trial.dataset)
    model = build_model(trial, interface(trial, dataset))
    assert "Noise" in {type(layer).__name__ for layer in model.layers}
    assert "top_two" in model.evaluate(dataset.test.x[:8], dataset.test.y[:8], return_dict=True, verbose=0)
