"""CONTRIBUTING.md and its picture show the layers of the import contract."""

from __future__ import annotations

import html
import itertools
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
PICTURE = (ROOT / "docs" / "architecture.dot").read_text()
DRAWN = html.unescape((ROOT / "docs" / "architecture.svg").read_text())


def layers() -> list[set[str]]:
    """Return the rooms of each layer of the import contract, from the top."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = [contract for contract in contracts if contract["type"] == "layers"]
    return [set(layer.split(" | ")) for layer in contract["layers"]]


def test_the_layers_of_the_guide_are_those_of_the_import_contract() -> None:
    (listed,) = re.findall(r"The layers, from the top:\n\n((?:    .*\n)+)", GUIDE)
    assert [set(line.strip().split(" | ")) for line in listed.splitlines()] == layers()


def test_the_rows_of_the_picture_are_the_layers_of_the_import_contract() -> None:
    rooms = re.findall(r"^  (\w+) \[pos=\"[-\d.]+,([\d.]+)!\"", PICTURE, re.M)
    rows = itertools.groupby(sorted(rooms, key=lambda room: -float(room[1])), key=lambda room: float(room[1]))
    assert [{name for name, _ in row} for _, row in rows] == layers()


def test_the_picture_is_drawn_from_its_text() -> None:
    labels = [line.strip() for label in re.findall(r'label="(.*?)"', PICTURE) for line in label.split(r"\n")]
    drawn = {" ".join(text.split()) for text in re.findall(r"<text[^>]*>(.*?)</text>", DRAWN)}
    assert drawn == {label for label in labels if label}
