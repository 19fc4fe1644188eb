"""Every experiment of `conf/experiment/` runs; overrides shorten the long ones."""

from __future__ import annotations

from pathlib import Path

import pytest

import toonvision
from tests import simulation
from tests.test_tasks import EXPERIMENTS as OF_TASKS
from toonvision.config.compose import compose
from toonvision.config.directory import config_directory
from toonvision.record.results import Results
from toonvision.record.run_state import RunStatus
from toonvision.search.runner import Trainer

pytestmark = pytest.mark.training

EXPERIMENTS = sorted(path.stem for path in (config_directory() / "experiment").rglob("*.yaml"))
SHORT = ["training.retrain={epochs:1,seeds:1}", "finalists.count=0", "executor=inline"]
SMALL = ["training.epochs=1", "dataset.image_size=[75,25]"]
QUICK = [
    *("strategy.rounds.explore.max_trials=2", "tuner.max_trials=1", "finalists.count=1"),
    *("finalists.seeds=1", "path.seeds=0", *SMALL),
]
SHORTER: dict[str, list[str]] = {
    "smoke": [],
    "hyperband": ["training.epochs=2", "dataset.image_size=[48,32]"],
    "article": ["tuner.max_trials=2", *SMALL],
    "article_fast": ["tuner.max_trials=1", "finalists.count=1", "finalists.seeds=1", *SMALL],
    "article_narrowed": ["tuner.max_trials=1", *SMALL],
    "article_quick": QUICK,
    "article_smaller": [*QUICK, "constraints.max_parameters=100000"],
    "transfer": [
        *("tuner.max_trials=1", "training.epochs=2", "training.fine_tuning.after=1", "dataset.image_size=[32,32]"),
        *("search_space.application=MobileNet", "baseline.application=MobileNet", "training.retrain.epochs=2"),
        *("model.blocks.backbone.weights=null", "+model.blocks.backbone.layers.backbone.network.alpha=0.25"),
    ],
    "deep_cnn": ["tuner.max_trials=2", *SMALL],
    "all_hyperparameters": ["tuner.max_trials=3", "search_space.epochs.min_value=1", "search_space.epochs.max_value=1"],
}


# Three train as the experiments that they vary do, on other spaces, which tests/test_conf.py validates;
# tests/cli/test_jobs.py runs the fourth, and test_all_hyperparameters below another run of the fifth.
SIMULATED = ("article_fast", "article_narrowed", "article_smaller", "smoke", "all_hyperparameters")


def run(name: str, directory: Path, *overrides: str, trainer: Trainer | None = None) -> Results:
    shorter = SHORTER.get(name, ["tuner.max_trials=2", "training.epochs=1"])
    return toonvision.run(compose([f"experiment={name}", *SHORT, *shorter, *overrides]), directory, trainer=trainer)


def test_there_are_experiments() -> None:
    assert EXPERIMENTS
    assert set(SHORTER) | set(OF_TASKS) <= set(EXPERIMENTS)


@pytest.mark.training
@pytest.mark.parametrize("name", [name for name in EXPERIMENTS if name not in OF_TASKS])
def test_an_experiment_runs_to_its_end(name: str, tmp_path: Path) -> None:
    results = run(name, tmp_path / "run", trainer=simulation.trainer() if name in SIMULATED else None)
    assert results.state.status is RunStatus.COMPLETED
    assert results.state.comparison is not None


@pytest.mark.training
def test_all_hyperparameters_tunes_the_whole_list_of_the_article(tmp_path: Path) -> None:
    results = run("all_hyperparameters", tmp_path / "run", "search_space.n_blocks.min_value=4", "first=[]", "seed=5")
    listed = {
        *("validation_ratio", "optimizer", "learning_rate", "conv_4_kernel_size", "activation", "n_blocks"),
        *("hidden_units", "dropout_4_rate", "pool_4_size", "batch_size", "epochs"),
    }
    assert listed <= set(results.hyperparameters)
    assert (results.to_frame()["search_space.epochs"] == 1).all()  # the column `epochs` has the trained epochs
    for trial in results.best():
        assert listed <= set(trial.values)
        assert trial.outcome.epochs == trial.values["epochs"] == 1
    assert len({trial.values["validation_ratio"] for trial in results.trials}) > 1
