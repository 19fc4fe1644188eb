"""A run among the overrides: what it stands for, what replaces it, and what a stranger's may not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from toonvision.config.compose import compose
from toonvision.config.repeat import expanded
from toonvision.config.trust import trust_directory
from toonvision.errors import ConfigError


def run(*overrides: str, name: str = "mine") -> str:
    """Write what a run leaves of its configuration, and return its directory."""
    folder = Path(name, ".hydra")
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("seed: 1\n")
    (folder / "overrides.yaml").write_text("".join(f"- {word}\n" for word in overrides))
    space = Path(name, "search_space")
    space.mkdir()
    (space / "best.yaml").write_text("units: 8\n")
    return name


def test_words_without_a_run_stay_as_they_are() -> None:
    words = ["seed=1", "tuner=tpe,qmc", "~model.blocks.block_1", ""]
    assert expanded(words) == words


def test_a_run_stands_for_its_overrides_and_other_words_replace_them() -> None:
    directory = run(
        *("dataset=digits", "hydra.run.dir=mine", "tuner=tpe", "tuner.max_trials=4", "search_space.optimizer=SGD"),
        *("seed=3", "search_space@baseline=toonvision_cnn_baseline", "training.epochs=2"),
    )
    source = ["hydra.searchpath=[file://mine]", "dataset=digits"]
    end = ["search_space@baseline=toonvision_cnn_baseline", "training.epochs=2"]
    assert expanded([directory, "search_space=best", "seed=1"]) == [
        *(*source, "tuner=tpe", "tuner.max_trials=4"),
        *(*end, "search_space=best", "seed=1"),
    ]
    assert expanded([directory, "tuner=bayesian"]) == [
        *(*source, "search_space.optimizer=SGD", "seed=3"),
        *(*end, "tuner=bayesian"),
    ]
    cfg = compose(expanded([directory, "search_space=best"]))
    assert (cfg.search_space, cfg.training.epochs) == ({"units": 8}, 2)


def test_added_and_removed_keys_can_be_given_again() -> None:
    directory = run("+search_space.x=1", "~model.blocks.block_1.layers.dropout")
    assert expanded([directory, "+search_space.x=2"])[1:] == [
        "~model.blocks.block_1.layers.dropout",
        "+search_space.x=2",
    ]


def test_a_space_that_another_run_wrote_must_be_chosen_again() -> None:
    directory = run("hydra.searchpath=[file://elsewhere]", "search_space=narrowed", "seed=2")
    with pytest.raises(ConfigError, match=r"^search_space: expected an option, because the run took its own"):
        expanded([directory])
    words = ["hydra.searchpath=[file://mine]", "seed=2", "search_space=narrowed"]
    assert expanded([directory, "search_space=narrowed"]) == words


def test_a_directory_without_a_run_and_several_runs_are_errors() -> None:
    Path("empty").mkdir()
    with pytest.raises(ConfigError, match=r"expected the directory of a run\. Received: 'empty'"):
        expanded(["empty"])
    with pytest.raises(ConfigError, match=r"one directory of a run among the overrides\. Received: mine, other"):
        expanded([run(), run(name="other")])


@pytest.mark.parametrize(
    "word",
    [
        "dataset.path=${oc.env:HOME}",
        "seed=${oc.env:SEED}",
        "executor.address=tcp://10.0.0.1:8786",
        "storage.url=sqlite:////tmp/elsewhere.db",
        "'+training.callbacks.x={_target_: toonvision.executor.dask.DaskExecutor}'",
        "tracker={_target_: toonvision.tracker.mlflow.MLflowTracker, tracking_uri: http://10.0.0.1}",
    ],
)
def test_a_strangers_run_may_not_say_what_only_trusted_ones_may(word: str) -> None:
    directory = run(f'"{word}"' if word[0] != "'" else word)
    with pytest.raises(ConfigError, match="nothing that only a trusted configuration may say"):
        expanded([directory])
    trust_directory(Path(directory))
    assert word.strip("'") in expanded([directory])
