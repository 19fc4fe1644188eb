"""What can be chosen: each option once, its purpose in one sentence, the working directory's among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from toonvision.config.catalog import find_option, list_options
from toonvision.config.directory import config_directory
from toonvision.errors import ConfigError


def test_every_packaged_option_has_a_purpose_of_one_sentence() -> None:
    options = list_options()
    packaged = [file for file in config_directory().rglob("*.yaml") if file.parent != config_directory()]
    assert len(options) == len(packaged)
    for option in options:
        assert option.purpose
        assert ". " not in option.purpose, option.file
        assert "@package" not in option.purpose


def test_the_options_of_the_working_directory_are_listed_after_the_packaged_ones() -> None:
    Path("conf/tuner").mkdir(parents=True)
    Path("conf/tuner/mine.yaml").write_text(
        "# @package tuner\n# yaml-language-server: $schema=x.json\n# Tries all,\n# one by one. And more.\nseed: 1\n"
    )
    Path("conf/tuner/tpe.yaml").write_text("# Another file, which Hydra does not take.\n")
    options = {option.name: option for option in list_options("tuner")}
    assert options["mine"].purpose == "Tries all, one by one."
    assert options["tpe"].file == config_directory() / "tuner" / "tpe.yaml"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("pruner", r"expected GROUP=OPTION\. Received: 'pruner'\. For the options: toonvision list pruner"),
        ("pruner=mediann", r"^pruner: expected one of .*Did you mean 'median'\?"),
        ("prunr=median", r"expected one of the groups .*Did you mean 'pruner'\?"),
    ],
)
def test_what_is_not_there_is_an_error_with_the_near_name(word: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        find_option(word)
