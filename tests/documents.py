"""The guides below `docs/`, without what is written when the site is built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
_WRITTEN = ("_build", "measurements", "reference")  # as in .gitignore


def guides() -> Iterator[Path]:
    """Yield each page that somebody wrote, also those in folders."""
    for page in sorted(DOCS.rglob("*.md")):
        if page.relative_to(DOCS).parts[0] not in _WRITTEN:
            yield page
