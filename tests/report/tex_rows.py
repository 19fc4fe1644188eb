"""Reads the rows of a LaTeX table."""

from __future__ import annotations


def rows(latex: str) -> list[list[str]]:
    lines = [line.removesuffix(r" \\") for line in latex.splitlines() if line.endswith(r" \\")]
    return [line.split(" & ") for line in lines]
