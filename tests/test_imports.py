"""What the modules of the package import of other libraries: public modules only."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "toonvision"


def imported(source: str) -> Iterator[str]:
    """Yield the dotted name of all that a module imports, with the names that it takes from a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_private(name: str) -> bool:
    """Whether a library other than this one keeps the name to itself: an underscore, or Keras's `src`."""
    library, *parts = name.split(".")
    return library not in ("toonvision", "__future__", *sys.stdlib_module_names) and any(
        part == "src" or (part.startswith("_") and not part.startswith("__")) for part in parts
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hydra._internal.utils.get_args_parser", True),
        ("keras.src.layers", True),
        ("omegaconf.OmegaConf", False),
        ("toonvision.search._Loop", False),
        ("concurrent.futures._base", False),
    ],
)
def test_a_private_name_is_recognized(name: str, expected: bool) -> None:
    assert is_private(name) is expected


def test_no_module_imports_a_private_module_of_another_library() -> None:
    private = {
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in PACKAGE.rglob("*.py")
        for name in imported(path.read_text())
        if is_private(name)
    }
    assert private == set()
