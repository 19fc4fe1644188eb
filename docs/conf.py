"""The documentation as a site: `make docs` writes it to docs/_build/html, and warnings are errors.

Sphinx with MyST and furo: they read Markdown, write the API from the docstrings, and are maintained; mkdocs-material,
the alternative, is in maintenance mode. Nothing is downloaded, so the names of other libraries are no links.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.ext.autodoc.mock import MockFinder  # type: ignore[attr-defined]  # which its module does not list

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path[:0] = [str(ROOT), str(DOCS)]

# Seconds to import, and nothing of them is shown. Sphinx's autodoc_mock_imports ends before it reads a source again.
sys.meta_path.insert(0, MockFinder(["keras", "keras_tuner", "tensorflow"]))

project = "toonvision"
author = "The toonvision authors"
version = release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "reference"]  # docs/reference.py
exclude_patterns = ["_build"]
highlight_language = "none"  # of indented blocks, which are commands and what they print
default_role = "code"  # docstrings have single backticks
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]  # types of other libraries, and of rooms that are not public

myst_heading_anchors = 3  # as on GitHub

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_use_ivar = True  # else each attribute of a data class is described twice
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"toonvision {version}"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False

_BENCHMARK = re.compile(r"\]\((?:\.\./)+benchmarks/(\w+)\.md(#[\w-]+)?\)")


def _lead_to_pages(app: Sphinx, name: str, source: list[str]) -> None:
    """Let links to files beside docs/ lead to their pages of the site."""
    source[0] = _BENCHMARK.sub(r"](/measurements/\1.md\2)", source[0])


def _show_code(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Let an indented part of a docstring that follows a paragraph be code, as everywhere else."""
    for place in range(len(lines) - 1, 1, -1):
        above, between, line = lines[place - 2 : place + 1]
        if above and not above.startswith(" ") and not between and line.startswith("    "):
            lines[place:place] = ["::", ""]


def setup(app: Sphinx) -> None:
    """Register what changes texts on their way to a page."""
    app.connect("source-read", _lead_to_pages)
    app.connect("autodoc-process-docstring", _show_code, priority=100)  # before napoleon reads its sections
