"""The words of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from toonvision.cli.runs import add_compare, add_narrow, add_resume
from toonvision.config.arguments import Command, add_search, hydra_words, only_shows
from toonvision.errors import ConfigError

Declare = Callable[[argparse.ArgumentParser], object]


def parsed(declare: Declare, *words: str) -> argparse.Namespace:
    """Return the arguments that a command receives."""
    received: list[argparse.Namespace] = []

    def call(arguments: argparse.Namespace) -> int:
        received.append(arguments)
        return 0

    assert Command("Test.", declare, call, has_help=declare is not add_search).run("name", words) == 0
    return received[0]


def test_options_and_other_words_come_in_any_order() -> None:
    for words in (["run", "--accept", "a", "--dry-run"], ["--dry-run", "--accept=a", "run"]):
        arguments = parsed(add_narrow, *words)
        assert (arguments.run, arguments.accept, arguments.dry_run) == (Path("run"), ["a"], True)
        assert (arguments.quantile, arguments.threshold, arguments.refuse) == (0.25, None, [])


def test_resume_takes_one_run_and_overrides() -> None:
    arguments = parsed(add_resume, "outputs/latest", "tuner.max_trials=50", "seed=1")
    assert arguments.run == Path("outputs/latest")
    assert arguments.overrides == ["tuner.max_trials=50", "seed=1"]


@pytest.mark.parametrize(
    ("declare", "words", "message"),
    [
        (
            add_narrow,
            ["run", "--qantile=0.1"],
            r"^unknown option '--qantile=0\.1'\. Did you mean '--quantile'\? Usage: ",
        ),
        (add_narrow, ["run", "more"], r"^unknown argument 'more'\. Usage: toonvision name "),
        (add_narrow, ["run", "--quantile", "x"], r"^argument --quantile: invalid float value: 'x'\. Usage: "),
        (add_compare, ["run"], r"required: RUN\. Usage: "),
    ],
)
def test_a_wrong_word_is_an_error_with_the_usage(declare: Declare, words: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parsed(declare, *words)


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["seed=1", "-m", "tuner=tpe,qmc"], ["--multirun", "seed=1", "tuner=tpe,qmc"]),
        (["-c", "job", "--resolve", "-p", "tuner"], ["--resolve", "--cfg", "job", "--package", "tuner"]),
        (["--info"], ["--info", "all"]),
        (["--hydra-help", "seed=1"], ["--hydra-help"]),
        (["--config-dir", "mine", "--config-name", "other", "seed=1"], ["seed=1"]),  # open_source takes these
    ],
)
def test_hydra_receives_the_same_flags_and_overrides(words: list[str], given: list[str]) -> None:
    assert hydra_words(parsed(add_search, *words)) == given


@pytest.mark.parametrize(
    ("words", "shows"),
    [
        (["--cfg", "job"], True),
        (["--help"], True),
        (["--info"], True),
        (["seed=1"], False),
        (["-m", "seed=1,2"], False),
    ],
)
def test_some_flags_only_show_something(words: list[str], shows: bool) -> None:
    assert only_shows(parsed(add_search, *words)) is shows
