"""Every YAML file in `conf/` composes, is valid, and opens with a comment of its purpose."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from toonvision.config.compose import compose, config_directory
from toonvision.search_space.space import hyperparameters
from toonvision.validation.validate import validate

ROOT = config_directory().resolve()
FILES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.yaml"))
EXPERIMENTS = [path for path in FILES if path.parent == Path("experiment")]
# Overrides that an option needs to be valid.
COMPANIONS = {
    "dataset/image_directory": ["dataset.path=pictures"],
    "dataset/breast_cancer": ["model=mlp"],
    "model/mlp": ["dataset=breast_cancer"],
    "search_space/all_hyperparameters": ["experiment=all_hyperparameters"],
}
# Packages that an option needs and that may be missing, each with the extra that installs it.
EXTRAS = {Path("tuner/gp.yaml"): ("torch", "gp"), Path("tracker/mlflow.yaml"): ("mlflow", "mlflow")}


def overrides_of(file: Path) -> list[str]:
    """Return the overrides that choose the option in this file, and those that it needs."""
    option = file.with_suffix("").as_posix()
    group, _, name = option.rpartition("/")
    if group == "block":
        block = OmegaConf.load(ROOT / file)
        missing = [f"model.blocks.new.{key}=8" for key in map(str, block) if OmegaConf.is_missing(block, key)]
        return [f"+block@model.blocks.new={name}", *missing]
    space = name.removesuffix("_baseline")
    has_model = group == "search_space" and (ROOT / "model" / f"{space}.yaml").exists()
    companions = [f"model={space}"] if has_model else COMPANIONS.get(f"{group}/{space}", [])
    return [f"{group}={name}", *companions] if group else []


def test_there_are_files() -> None:
    assert len(FILES) > 0
    assert len(EXPERIMENTS) > 0


@pytest.mark.parametrize("file", FILES, ids=str)
def test_it_composes_and_is_valid(file: Path) -> None:
    if file in EXTRAS:
        package, extra = EXTRAS[file]
        pytest.importorskip(package, reason=f"{file} needs {package}: pip install 'toonvision[{extra}]'")
    validate(compose(overrides_of(file)))


@pytest.mark.parametrize("file", [f for f in FILES if f.stem.endswith("_baseline")], ids=str)
def test_a_baseline_composes_as_a_baseline_and_is_fixed(file: Path) -> None:
    _, *companions = overrides_of(file)
    config = validate(compose([f"search_space@baseline={file.stem}", *companions]))
    assert set(config.baseline) == set(config.search_space)
    assert not hyperparameters(config.baseline)


@pytest.mark.parametrize("file", FILES, ids=str)
def test_it_opens_with_a_comment_of_its_purpose(file: Path) -> None:
    comments = opening_comments(file)
    assert comments
    assert len(comments[0].split()) > 3
    assert comments[0][0].isupper() or comments[0][0].isalpha()


@pytest.mark.parametrize("file", EXPERIMENTS, ids=str)
def test_an_experiment_states_its_command_its_cost_and_what_to_expect(file: Path) -> None:
    comments = opening_comments(file)
    assert f"Command: toonvision experiment={file.stem}" in comments
    for label in ("Cost: ", "Expected: "):
        (stated,) = [line for line in comments if line.startswith(label)]
        assert "TODO" not in stated


def test_composing_and_validating_import_neither_tensorflow_nor_keras() -> None:
    code = (
        "import sys\n"
        "from toonvision.config.compose import compose\n"
        "from toonvision.validation.validate import validate\n"
        "for line in sys.stdin:\n"
        "    validate(compose(line.strip().split('\\t') if line.strip() else []))\n"
        "print([name for name in ('keras', 'keras_tuner', 'tensorflow', 'optuna') if name in sys.modules])"
    )
    lines = "\n".join("\t".join(overrides_of(file)) for file in [Path("config.yaml"), *EXPERIMENTS])
    done = subprocess.run([sys.executable, "-c", code], input=lines, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


def opening_comments(file: Path) -> list[str]:
    """Return the comment lines at the top of a file, without the package directive of Hydra."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    opening = lines[: next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))]
    return [line.lstrip("# ").strip() for line in opening if "@package" not in line]
