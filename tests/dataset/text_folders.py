"""Folders of short texts, some words of which are of their class."""

from __future__ import annotations

from pathlib import Path

WORDS = {"bad": "dull boring slow", "good": "bright witty quick"}


def make_folder(root: Path, count: int = 10) -> Path:
    """Write two class folders with so many texts each."""
    for name, words in WORDS.items():
        (root / name).mkdir(parents=True)
        for index in range(count):
            text = f"A {words.split()[index % 3]} film, with {words.split()[index % 2]} actors: number {index}."
            (root / name / f"{index:02d}.txt").write_text(text)
    return root


def split_folder(root: Path, *names: str) -> Path:
    """Write these splits, each with two class folders."""
    for name in names:
        make_folder(root / name, 4)
    return root
