"""The project that `toonvision init` writes: nothing is overwritten, and each option in it composes and is valid."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from toonvision.cli import COMMANDS
from toonvision.config.catalog import list_options
from toonvision.config.compose import compose
from toonvision.config.project import FILES, create_project, template_directory
from toonvision.config.trust import TRUSTED_VARIABLE, trust_directory
from toonvision.errors import ConfigError
from toonvision.search_space.space import hyperparameters
from toonvision.validation.validate import validate

OPTIONS = [name for name in FILES if name.startswith("conf/")]


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A trusted project, which is the working directory."""
    create_project(Path("project"))
    trust_directory(Path("project"))
    monkeypatch.chdir("project")
    monkeypatch.setenv(TRUSTED_VARIABLE, "")
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield Path.cwd()
    sys.modules.pop("my_project", None)


def in_words(command: str) -> list[str]:
    """Return the overrides of a command: what is in brackets may be left out."""
    return shlex.split(command.replace("[", "").replace("]", ""), comments=True)[1:]


@pytest.mark.parametrize("directory", ["new", "below/new", "."])
def test_the_files_are_those_of_the_template(directory: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir("empty")
    assert create_project(Path(directory)) == [Path(directory, name) for name in FILES]
    written = {path.relative_to(directory).as_posix() for path in Path(directory).rglob("*") if path.is_file()}
    assert written == set(FILES)
    for name in FILES:
        assert Path(directory, name).read_bytes() == (template_directory() / name).read_bytes()


def test_all_files_of_the_template_are_written() -> None:
    made = ("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache")
    files = {path.relative_to(template_directory()) for path in template_directory().rglob("*") if path.is_file()}
    assert {file.as_posix() for file in files if not set(made) & set(file.parts)} == set(FILES)


@pytest.mark.parametrize(
    ("directory", "received"),
    [
        ("full", r"'full', in which there is a, b, c and 1 more\. Nothing was written\.$"),
        ("hidden", r"'hidden', in which there is \.git\."),
        ("file", r"'file', which is a file\."),
        ("file/below/new", r"'file/below/new', of which file is a file\."),
        ("link", r"'link', which is a link to nothing\."),
        ("link-to-full", r"'link-to-full', in which there is a, b, c and 1 more\."),
    ],
)
def test_what_is_in_the_way_is_named_and_stays(directory: str, received: str, tmp_path: Path) -> None:
    for name in ("a", "b", "c", "my_project.py"):
        (tmp_path / "full").mkdir(exist_ok=True)
        (tmp_path / "full" / name).write_text(name)
    (tmp_path / "hidden" / ".git").mkdir(parents=True)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "link-to-full").symlink_to("full")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ConfigError, match=rf"^DIR: expected a new or an empty directory\. Received: {received}"):
        create_project(Path(directory))
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "full" / "my_project.py").read_text() == "my_project.py"
    assert (tmp_path / "file").read_text() == "mine"


def test_a_link_to_an_empty_directory_is_the_directory(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("empty")
    create_project(Path("link"))
    assert (tmp_path / "empty" / "README.md").is_file()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("file", OPTIONS)
def test_an_option_opens_with_its_purpose_and_its_command_is_valid(file: str) -> None:
    (option,) = [option for option in list_options(file.split("/")[1]) if option.file == Path(file)]
    assert len(option.purpose.split()) > 5
    assert "TODO" not in option.text
    for command in re.findall(r"^# Command: (.*)$", option.text, re.M):
        validate(compose(in_words(command)))


@pytest.mark.usefixtures("project")
def test_the_experiment_consists_of_the_options_of_the_project() -> None:
    config = validate(compose(["experiment=mine"]))
    assert config.default_trial.model.name == "mine"
    assert config.objective.name == "val_cost"
    assert set(config.search_space) == set(config.baseline) == {"centers", "width", "learning_rate", "optimizer"}
    assert set(hyperparameters(config.search_space)) == {"centers", "width", "learning_rate"}
    assert not hyperparameters(config.baseline)


def test_a_project_that_is_not_trusted_is_refused_with_the_command_that_trusts_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "of-another-user"))
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(project)])
    with pytest.raises(ConfigError, match=r"'my_project\.examples'. Trust your own modules by toonvision trust"):
        validate(compose(["experiment=mine"]))


def test_the_guide_names_all_files_and_its_commands_are_valid(project: Path) -> None:
    guide = (project / "README.md").read_text()
    assert len(guide.splitlines()) <= 30
    assert all(f"| `{name}` |" in guide for name in FILES if name != "README.md")
    (project / "rows.csv").touch()
    commands = re.findall(r"^    (toonvision .*)$", guide, re.M) + re.findall(r"`(toonvision experiment=.*?)`", guide)
    assert len(commands) > 3
    for command in commands:
        words = in_words(command)
        if words[0] == "check" or words[0] not in COMMANDS:
            validate(compose([word for word in words if word != "check"]))
