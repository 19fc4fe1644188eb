"""Folders of plain pictures, each in the colour of its class."""

from __future__ import annotations

import shutil
from pathlib import Path

from PIL import Image

COLOURS = {"red": (250, 10, 10), "green": (10, 250, 10), "blue": (10, 10, 250)}


def make_folder(root: Path) -> Path:
    """Write three class folders of ten pictures each, of two entities."""
    for name, colour in COLOURS.items():
        (root / name).mkdir(parents=True)
        for index in range(10):
            Image.new("RGB", (12, 16), colour).save(root / name / f"entity-{index % 2}_{index:02d}.png")
    return root


def split_folder(folder: Path, root: Path) -> Path:
    """Copy the pictures of a folder into the splits train, validation and test, six, two and two of each class."""
    for part, chosen in (("train", "0[0-5]"), ("validation", "0[67]"), ("test", "0[89]")):
        for name in COLOURS:
            (root / part / name).mkdir(parents=True)
            for file in (folder / name).glob(f"*_{chosen}.png"):
                shutil.copy2(file, root / part / name)
    return root
