"""The documents: their links lead to files that exist, and the modules that they name exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents import guides

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *guides(), *ROOT.glob("benchmarks/*.md")])
CONFIGS = sorted(ROOT.glob("conf/**/*.yaml"))
SOURCES = sorted(ROOT.glob("toonvision/**/*.py"))

LINK = re.compile(r"\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"")
DOTTED_NAME = re.compile(r"(?<![\w./-])toonvision((?:\.[A-Za-z_]\w*)+)")
EXAMPLE = "mine"  # what a reader is to write is called so
FILE_NAME = re.compile(r"(?<![\w./-])((?:toonvision|tests|benchmarks|docs)(?:/\w[\w.-]*)+/?)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_relative_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    for target in (first or second for first, second in LINK.findall(document.read_text())):
        if "://" in target:
            continue
        name, _, heading = target.partition("#")
        file = document.parent / name if name else document
        assert file.exists(), f"{document.name}: the link {target} leads to no file"
        assert not heading or heading in headings(file), f"{document.name}: {file.name} has no heading {heading}"


@pytest.mark.parametrize("file", [*DOCUMENTS, *CONFIGS, *SOURCES], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_text_names_exists(file: Path) -> None:
    for text in texts(file):
        for name in DOTTED_NAME.findall(text):
            parts = name.strip(".").split(".")
            assert EXAMPLE in parts or exists(parts), f"{file.name} names toonvision{name}, which does not exist"
        for name in FILE_NAME.findall(text):
            is_example = Path(name).stem.removeprefix("test_") == EXAMPLE
            assert is_example or (ROOT / name.rstrip(".")).exists(), f"{file.name} names {name}, which does not exist"


def headings(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub forms them."""
    titles = re.findall(r"^#+ (.*)$", document.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def texts(file: Path) -> Iterator[str]:
    """Yield what a person reads of a file: a document, a configuration with its comments, docstrings and comments."""
    content = file.read_text()
    if file.suffix != ".py":
        yield content
        return
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, documented):
            yield ast.get_docstring(node) or ""
    yield from re.findall(r"(?:^|\s)#.*$", content, re.M)


def exists(names: list[str]) -> bool:
    """Return whether toonvision has this module, or a module that holds this name."""
    place = ROOT / "toonvision"
    for position, name in enumerate(names):
        if (place / name).is_dir():
            place /= name
            continue
        module = place / f"{name}.py"
        if module.exists():
            rest = names[position + 1 :]
        else:
            module, rest = place / "__init__.py", names[position:]
        return not rest or re.search(rf"\b{rest[0]}\b", module.read_text()) is not None
    return True
