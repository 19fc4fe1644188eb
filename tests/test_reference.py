"""The reference of the site, which `docs/reference.py` writes from conf/, the schemas and the commands."""

from __future__ import annotations

import re
import runpy
from functools import cache
from typing import Any

from tests.documents import DOCS
from toonvision.cli import COMMANDS
from toonvision.config.catalog import list_options
from toonvision.config.schema import RunConfig


@cache
def script() -> dict[str, Any]:
    return runpy.run_path(str(DOCS / "reference.py"))


@cache
def pages() -> dict[str, str]:
    written: dict[str, str] = script()["pages"]()
    return written


def row(page: str, key: str) -> list[str]:
    """Return the cells of a key: expected, default, meaning."""
    (line,) = re.findall(rf"^\| `{re.escape(key)}` \| (.*) \|$", pages()[page], re.M)
    return [cell.strip() for cell in line.split(" | ")]


def test_each_option_has_its_keys_with_their_comments() -> None:
    for option in list_options():
        page = pages()[f"reference/{option.group}.md"]
        assert f"\n## {option.name}\n" in page
        keys = [line for line in option.text.splitlines() if not line.startswith("#")]
        assert "\n".join(keys).strip() in page


def test_each_command_has_its_arguments() -> None:
    page = pages()["reference/commands.md"]
    assert [name for name in COMMANDS if f"\n## {name}\n" not in page] == []
    assert "--dry-run" in page


def test_each_key_of_a_run_is_in_a_group_or_a_row() -> None:
    groups = {option.group for option in list_options()}
    keys = re.findall(r"^\| `([\w.]+)`", pages()["reference/keys.md"], re.M)
    assert set(RunConfig.model_fields) - groups - {"baseline"} == {key.partition(".")[0] for key in keys}


def test_a_key_has_its_type_its_default_and_its_comment() -> None:
    assert row("reference/training.md", "training.epochs") == [
        "a whole number of at least 1",
        "`15`",
        "at most; the article uses 75",
    ]
    assert row("reference/resampling.md", "training.resampling.repeats")[1] == "`1`"
    assert row("reference/keys.md", "deterministic")[:2] == ["true or false", "`false`"]
    assert row("reference/keys.md", "path.seeds")[2].startswith("trainings of each step; 0: no path.")
    assert row("reference/block.md", "block.repeat")[2].startswith("how often the block stands in a row;")


def test_the_comments_of_a_file_are_those_of_its_keys_in_the_configuration() -> None:
    text = "# @package training\n# What for.\nretrain:\n  # in\n  # two lines\n  epochs: 1\n  seeds: 2 # beside\n"
    said = script()["said_in"](text, "training")
    assert said == {"training.retrain.epochs": "in two lines", "training.retrain.seeds": "beside"}


def test_what_markdown_would_read_is_escaped() -> None:
    assert script()["_escaped"]("[a_b] `a_b` *c*") == r"\[a\_b\] `a_b` \*c\*"
