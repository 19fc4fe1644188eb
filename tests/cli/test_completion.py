"""The words that complete the last one, from the files of the config groups alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from toonvision.cli import main
from toonvision.cli.completion import complete
from toonvision.config.compose import compose
from toonvision.config.tree import branches


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("GROUP re", "report resampling"),
        ("GROUP=OPTION storage=", "storage=journal storage=sqlite"),
        ("GROUP=OPTION sto", "storage="),
        ("OVERRIDE tuner=r", "tuner=random_search"),
        ("OVERRIDE search_space@baseline=mlp", "search_space@baseline=mlp search_space@baseline=mlp_baseline"),
        ("OVERRIDE -m tuner=tpe,h", "tuner=tpe,hyperband"),
        ("OVERRIDE res", "resampling="),
        ("OVERRIDE tune", "tuner= tuner."),
        ("OVERRIDE +tune", "+tuner= +tuner."),
        ("OVERRIDE tuner.max_tr", "tuner.max_trials="),
        ("OVERRIDE tuner=hyperband tuner.max_", "tuner.max_epochs= tuner.max_consecutive_failed_trials="),
        ("OVERRIDE search_space.opt", "search_space.optimizer="),
        ("OVERRIDE ~search_space.learn", "~search_space.learning_rate."),
        ("OVERRIDE model=mlp search_space.units_1.s", "search_space.units_1.step= search_space.units_1.sampling="),
        ("OVERRIDE experiment=article_smaller strategy.rounds.", "strategy.rounds.explore. strategy.rounds.refine="),
        ("OVERRIDE experiment=digits dataset=cogs dataset.", "dataset._target_= dataset.image_size= dataset.seed="),
        ("OVERRIDE deterministic=", "deterministic=true deterministic=false"),
        ("OVERRIDE budget.minutes=", ""),
        ("OVERRIDE nothing.of.this", ""),
    ],
)
def test_a_word_is_completed_in_view_of_those_before(words: str, expected: str) -> None:
    assert complete(words.split()) == expected.split()


@pytest.mark.parametrize(
    "overrides",
    [
        "",
        "experiment=article_smaller",
        "experiment=two_inputs tracker=mlflow",
        "model=resnet training=fine_tuning augmentation=standard",
        "model=mlp task=regression objective=val_macro_f1 strategy=coarse_to_fine",
    ],
)
def test_the_keys_are_those_that_hydra_composes(overrides: str) -> None:
    before = overrides.split()
    composed = OmegaConf.to_container(compose(before), resolve=False)
    for path, value in branches(composed):
        if isinstance(value, dict) and value and "[" not in path:
            keys = {f"{path}.{key}" for key in value}
            assert {word[:-1] for word in complete(["OVERRIDE", *before, f"{path}."])} == keys


def test_own_options_are_completed_and_a_file_that_cannot_be_read_is_passed_over() -> None:
    own = Path("conf/tuner")
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text("defaults: [tpe]\nown_key: 1\n")
    (own / "mine_broken.yaml").write_text("a: [")
    (own / "mine_large.yaml").write_text("#" * 300_000)
    assert complete(["OVERRIDE", "tuner=mi"]) == ["tuner=mine", "tuner=mine_broken"]
    assert complete(["OVERRIDE", "tuner=mine", "tuner.o"]) == ["tuner.own_key="]
    assert complete(["OVERRIDE", "tuner=mine", "tuner.max_t"]) == ["tuner.max_trials="]
    assert complete(["OVERRIDE", "tuner=mine_broken", "tuner.o"]) == []


def test_the_command_prints_a_word_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "words", "OVERRIDE", "storage="]) == 0
    assert capsys.readouterr().out == "storage=journal\nstorage=sqlite\n"


@pytest.mark.engine
def test_completing_imports_nothing_that_takes_long() -> None:
    code = (
        "import sys\nfrom toonvision.cli import main\nmain(['completion', 'words', 'OVERRIDE', 'tuner.max_t'])\n"
        "print(*({'hydra', 'omegaconf', 'pydantic', 'rich', 'toonvision.cli.commands'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "tuner.max_trials=\n\n"
