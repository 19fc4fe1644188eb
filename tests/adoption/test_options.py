"""The files of an adopted hypermodel."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from toonvision.adoption.exploration import Exploration
from toonvision.adoption.options import write_options
from toonvision.config.node import Node
from toonvision.errors import ConfigError

FOUND = Exploration(
    {"a_b": {"hp": "Choice", "values": ["x: 1", "ü"]}, "c": {"hp": "Int", "min_value": 1, "max_value": 2}, "d": 3},
    {"a_b": "x: 1", "c": None, "d": 3},
    builds=9,
    failures=("too small",),
    is_compiled=True,
    without_fit="no model",
)
NODE = Node("my.build", {"_partial_": True})


def test_each_file_reads_as_what_it_was_written_from(tmp_path: Path) -> None:
    written = write_options(FOUND, NODE, "mine", tmp_path)
    model, space, baseline, experiment = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in written)
    assert model == {"name": "mine", "hypermodel": {"_target_": "my.build", "_partial_": True}}
    assert (space, baseline) == (FOUND.space, FOUND.baseline)
    assert experiment == {"defaults": [{"override /model": "mine"}], "training": {"optimizer": None}}
    assert written[3].read_text().startswith("# @package _global_\n# ")
    assert len(written[1].read_text().splitlines()) == 4  # the comment, and a line for each entry


def test_nothing_is_written_where_one_file_is_there(tmp_path: Path) -> None:
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text("mine")
    with pytest.raises(ConfigError, match="a name without options"):
        write_options(FOUND, NODE, "mine", tmp_path)
    assert not (tmp_path / "model").exists()
