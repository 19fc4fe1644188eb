"""The narrowed search space: a config option with the evidence, and a table on the terminal."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from omegaconf import OmegaConf

import toonvision
from tests.article_trials import SPACE, article_trials
from tests.configuration import configured
from toonvision.api import narrow_run
from toonvision.config.repeat import expanded
from toonvision.config.schema import NarrowingOptions
from toonvision.errors import ConfigError
from toonvision.narrowing.evidence import Narrowing
from toonvision.record.results import Results
from toonvision.report import narrowed_space
from toonvision.search_space.space import possible_values
from toonvision.trial.trial import Outcome, Trial, TrialStatus
from toonvision.validation.validate import validate


def test_the_space_of_the_article_is_the_packaged_one(explored: Results) -> None:
    assert explored.config.search_space == SPACE


def test_the_file_is_the_next_runs_search_space(explored: Results, narrowing: Narrowing, tmp_path: Path) -> None:
    path = narrowed_space.write(narrowing, explored, tmp_path / "search_space")
    assert OmegaConf.to_container(OmegaConf.load(path)) == narrowing.space
    composed = validate(toonvision.compose([f"hydra.searchpath=[file://{tmp_path}]", "search_space=narrowed"]))
    space = composed.search_space
    assert max(possible_values(space["dropout_1_rate"]) or ()) < 0.45
    assert list(possible_values(space["conv_2_filters"]) or ()) == [8, 12, 16, 20]
    assert list(possible_values(space["pool_4_size"]) or ()) == [1, 2, 3]
    assert space["optimizer"] == "Adam"


def test_the_printed_command_composes_with_what_the_run_was_given(explored: Results, narrowing: Narrowing) -> None:
    toonvision.narrow(explored.directory, threshold=0.3)
    folder = explored.directory / ".hydra"
    (folder / "overrides.yaml").write_text("[tuner=random_search, training.epochs=75]\n")
    program, *words = shlex.split(narrowed_space.command(explored))
    assert program == "toonvision"
    overrides = expanded(words)
    assert overrides[1:] == ["tuner=random_search", "training.epochs=75", "search_space=narrowed"]
    assert validate(toonvision.compose(overrides)).search_space == narrowing.space


def test_comments_hold_the_evidence(explored: Results, narrowing: Narrowing, tmp_path: Path) -> None:
    text = narrowed_space.write(narrowing, explored, tmp_path).read_text()
    before, line = text.split("conv_2_filters: {", 1)
    comment = before[before.rindex("\n\n") :].replace("\n# ", " ")
    assert line.startswith("hp: Int, min_value: 8, max_value: 20, step: 4}\n")
    assert "100 trials. Good (quantiles 0.1, 0.5, 0.9): 8, 12, 20. Rest: 4, 12, 20. Importance 0." in comment
    assert "4 to 20 becomes 8 to 20: 80 % stays. Cut below 8: 0 of " in comment
    assert "23 of 100 trials are good, val_loss at most 0.2919." in text
    assert all(len(line) <= 120 for line in text.splitlines() if not line.startswith("# Command: "))


def test_strings_that_look_like_numbers_stay_strings(explored: Results, narrowing: Narrowing, tmp_path: Path) -> None:
    values = ["1e-3", "on", "null", "3", "a, b"]
    space = {**narrowing.space, "optimizer": {"hp": "Choice", "values": values}}
    odd = Narrowing(space, narrowing.evidence, narrowing.options, narrowing.count, narrowing.bound)
    read = OmegaConf.to_container(OmegaConf.load(narrowed_space.write(odd, explored, tmp_path)))
    assert read == space


def test_a_later_round_needs_a_warning(explored: Results) -> None:
    first, second = article_trials(0, count=2)
    config = configured("strategy=coarse_to_fine", "tuner=random_search")
    rounds = [replace(first, round="explore"), replace(second, round="refine")]
    text = narrowed_space.caution(replace(explored, trials=rounds, config=config))
    assert "the round refine has only the values that earlier rounds have left" in text
    assert narrowed_space.caution(replace(explored, trials=rounds[:1], config=config)) == ""


def test_pruned_trials_need_a_warning(explored: Results) -> None:
    first, second = article_trials(0, count=2)
    trials = [first, replace(second, outcome=Outcome(TrialStatus.PRUNED, score=1.0, last_epoch=3))]
    assert "1 of 2 trials were pruned. They rank below" in narrowed_space.caution(replace(explored, trials=trials))


@pytest.mark.parametrize("tuner", ["random_search", "grid_search", "hyperband", "qmc"])
def test_a_tuner_that_does_not_learn_from_scores_needs_no_warning(tuner: str, explored: Results) -> None:
    assert narrowed_space.caution(replace(explored, config=configured(f"tuner={tuner}"))) == ""


@pytest.mark.parametrize(
    ("trials", "threshold", "message"),
    [
        ([], None, "expected a score to narrow by. Received: no trial that has completed."),
        ([Trial(0, {}, Outcome(TrialStatus.INFEASIBLE))], None, "Received: no trial that has completed."),
        (article_trials(0), 0.01, r"expected a score better than 0.01 to narrow by. Received: 0.087"),
    ],
)
def test_a_run_without_a_good_trial_is_refused(
    trials: list[Trial], threshold: float | None, message: str, explored: Results
) -> None:
    with pytest.raises(ConfigError, match=message):
        narrow_run(replace(explored, trials=trials), NarrowingOptions(threshold=threshold))
