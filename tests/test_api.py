"""The public names of the package, and what importing them loads."""

from __future__ import annotations

import operator
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import toonvision
from tests import simulation
from tests.simulation import SPACE
from toonvision.config.project import FILES

ROOT = Path(__file__).parents[1]


def test_the_public_names_are_sorted_and_documented() -> None:
    assert toonvision.__all__ == sorted(toonvision.__all__)
    assert toonvision.__all__ == [
        *("ConfigError", "Dataset", "DatasetError", "HyperModel", "Results", "SearchError", "Split"),
        *("ToonvisionError", "adopt", "check", "compose", "export", "narrow", "predict", "resume", "run", "train"),
        "trust",
    ]
    for name in toonvision.__all__:
        assert getattr(toonvision, name).__doc__, name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Tuner'"):
        operator.attrgetter("Tuner")(toonvision)


def test_a_run_without_a_directory_is_written_to_outputs() -> None:
    cfg = toonvision.compose([*SPACE, "executor=inline", "tuner.max_trials=1"])
    results = toonvision.run(cfg, trainer=simulation.trainer())
    assert results.directory.parts[0] == "outputs"
    assert Path("outputs/latest").resolve() == results.directory.resolve()
    assert (results.directory / ".hydra" / "config.yaml").is_file()


def test_the_wheel_holds_the_configs_the_page_the_project_of_init_and_py_typed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
        opened.extractall(tmp_path / "installed")
    packed = {name.removeprefix("toonvision/conf/") for name in names if name.startswith("toonvision/conf/")}
    assert packed == {path.relative_to(ROOT / "conf").as_posix() for path in (ROOT / "conf").rglob("*.yaml")}
    page = {path.relative_to(ROOT).as_posix() for path in (ROOT / "toonvision/report/page").glob("*.*")}
    assert {Path(name).suffix for name in page} == {".py", ".css", ".js", ".jinja"}
    project = {f"toonvision/project_template/{name}" for name in FILES}
    assert {*page, *project, "toonvision/py.typed"} <= names
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r})\n"
        "import toonvision; from toonvision.config.directory import config_directory\n"
        "print(config_directory(), toonvision.compose(['experiment=smoke']).dataset._target_)"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(tmp_path / "installed" / "toonvision" / "conf"), "toonvision.dataset.digits.load"]
