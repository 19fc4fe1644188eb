"""Every YAML file in `conf/` composes, is valid, and opens with a comment of its purpose."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from omegaconf import OmegaConf

from tests.configuration import composed, configured
from toonvision.config.directory import config_directory
from toonvision.config.resolve import plain
from toonvision.search_space.space import hyperparameters
from toonvision.validation.validate import validate

ROOT = config_directory().resolve()
FILES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.yaml"))
EXPERIMENTS = [path for path in FILES if path.parent == Path("experiment")]
# Overrides that an option needs to be valid.
COMPANIONS = {
    "dataset/image_directory": ["dataset.path=."],
    "dataset/image_table": [f"dataset.path={ROOT / 'config.yaml'}", "dataset.image=file", "dataset.target=kind"],
    "dataset/breast_cancer": ["model=mlp"],
    "augmentation/cutmix": ["task=multiclass_one_hot"],
    "augmentation/mixup": ["task=multiclass_one_hot"],
    "dataset/arrays": ["model=mlp", "dataset.path=."],
    "dataset/function": ["model=mlp", "dataset.build._target_=toonvision.dataset.digit_batches.batches"],
    "dataset/bike_hires": ["model=mlp", "task=regression"],
    "dataset/hourly_load": ["model=series_cnn", "task=regression"],
    "dataset/series": ["model=series_cnn", f"dataset.path={ROOT / 'config.yaml'}", "dataset.target=kind"],
    "dataset/table": ["model=mlp", f"dataset.path={ROOT / 'config.yaml'}", "dataset.target=kind"],
    "dataset/support_tickets": ["model=text_cnn"],
    "dataset/text_directory": ["model=text_cnn", "dataset.path=."],
    "dataset/digit_sums": ["model=two_towers", "task=regression"],
    "objective/val_auc": ["task=binary"],
    "objective/val_f1": ["task=multilabel"],
    "objective/val_mae": ["task=regression"],
    "objective/val_rmse": ["task=regression"],
    "model/function": ["experiment=function"],
    "model/hypermodel": [
        "+model.hypermodel._partial_=true",
        "model.hypermodel._target_=toonvision.training.guide_model.build",
        "search_space=adopted",
        "search_space@baseline=adopted_baseline",
        "training.optimizer=null",
    ],
    "model/adopted": ["experiment=adopted"],
    "model/mlp": ["dataset=breast_cancer"],
    "model/text_cnn": ["dataset=support_tickets"],
    "model/text_rnn": ["dataset=support_tickets"],
    "search_space/text_cnn": ["model=text_cnn", "dataset=support_tickets"],
    "search_space/text_rnn": ["model=text_rnn", "dataset=support_tickets"],
    "model/transfer": ["training=fine_tuning"],
    "training/fine_tuning": ["model=transfer"],
    "search_space/transfer": ["model=transfer", "training=fine_tuning"],
    "search_space/all_hyperparameters": ["experiment=all_hyperparameters"],
    "search_space/adopted": ["experiment=adopted"],
    "search_space/densenet": ["experiment=function"],
}
# The options that the configuration without overrides consists of.
DEFAULTS = {
    f"{group}/{name}"
    for chosen in yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["defaults"]
    if chosen != "_self_"
    for group, name in chosen.items()
}
# Packages that an option needs and that may be missing, each with the extra that installs it.
EXTRAS = {Path("tuner/gp.yaml"): ("torch", "gp"), Path("tracker/mlflow.yaml"): ("mlflow", "mlflow")}


def overrides_of(file: Path) -> list[str]:
    """Return the overrides that choose the option in this file, and those that it needs."""
    option = file.with_suffix("").as_posix()
    group, _, name = option.rpartition("/")
    if option in DEFAULTS:
        return []
    if group == "block":
        block = OmegaConf.load(ROOT / file)
        missing = [f"model.blocks.new.{key}=8" for key in map(str, block) if OmegaConf.is_missing(block, key)]
        return [f"+block@model.blocks.new={name}", *missing]
    space = name.removesuffix("_baseline")
    has_model = group == "search_space" and (ROOT / "model" / f"{space}.yaml").exists()
    companions = COMPANIONS.get(f"{group}/{space}") or ([f"model={space}"] if has_model else [])
    return [f"{group}={name}", *companions] if group else []


def test_there_are_files() -> None:
    assert len(FILES) > 0
    assert len(EXPERIMENTS) > 0


@pytest.mark.parametrize("file", FILES, ids=str)
def test_it_composes_and_is_valid(file: Path) -> None:
    if file in EXTRAS:
        package, extra = EXTRAS[file]
        if importlib.util.find_spec(package) is None:  # importing takes a second
            pytest.skip(f"{file} needs {package}: pip install 'toonvision[{extra}]'")
    validate(composed(*overrides_of(file)))


@pytest.mark.parametrize("file", [f for f in FILES if f.stem.endswith("_baseline")], ids=str)
def test_a_baseline_composes_as_a_baseline_and_is_fixed(file: Path) -> None:
    _, *companions = overrides_of(file)
    config = configured(f"search_space@baseline={file.stem}", *companions)
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


@pytest.mark.engine
def test_composing_and_validating_import_neither_tensorflow_nor_keras() -> None:
    code = (
        "import json, sys\n"
        "from toonvision.config.compose import compose\n"
        "from toonvision.errors import ConfigError\n"
        "from toonvision.validation.validate import validate\n"
        "for config in json.load(sys.stdin):\n"
        "    validate(config)\n"
        "try:\n"
        "    validate(compose(['+training.foo=1', 'training.loss._target_=os.system', 'seed=0']))\n"
        "except ConfigError as error:\n"
        "    print(len(str(error).splitlines()))\n"
        "print([name for name in ('keras', 'keras_tuner', 'tensorflow', 'optuna') if name in sys.modules])"
    )
    files = [Path("config.yaml"), Path("tuner/hyperband.yaml"), *EXPERIMENTS]
    configs = json.dumps([plain(composed(*overrides_of(file))) for file in files])
    done = subprocess.run([sys.executable, "-c", code], input=configs, capture_output=True, text=True, check=False)
    assert (done.stdout.splitlines(), done.returncode) == (["4", "[]"], 0), done.stderr


def opening_comments(file: Path) -> list[str]:
    """Return the comment lines at the top of a file, without the package directive of Hydra."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    opening = lines[: next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))]
    return [line.lstrip("# ").strip() for line in opening if "@package" not in line]


@pytest.mark.parametrize("name", ["article", "article_fast", "article_narrowed", "article_quick", "article_smaller"])
def test_the_articles_experiments_stop_by_the_training_loss(name: str) -> None:
    retrain = configured(f"experiment={name}").default_trial.training.retrain
    stopping = (retrain.callbacks or {})["early_stopping"]
    assert stopping is not None
    assert (retrain.epochs, retrain.seeds) == (100, 5)
    assert stopping.arguments == {"monitor": "loss", "patience": 5, "restore_best_weights": True}


def test_callbacks_that_choose_the_epochs_follow_the_objective() -> None:
    callbacks = configured("objective=val_accuracy").default_trial.training.retrain.validation_callbacks or {}
    stopping = callbacks["early_stopping"]
    assert stopping is not None
    assert (stopping.arguments["monitor"], stopping.arguments["mode"]) == ("val_accuracy", "max")
