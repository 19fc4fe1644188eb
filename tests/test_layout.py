"""Tests mirror the tree: the tests of a module are in the file of its name."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
# Modules without a test file of their own, by their folder, and why. Any other module has one.
WITHOUT = {
    "health": "card",  # a data class
    "project_template": "my_project test_my_project",  # what toonvision init writes, with a test of its own
    "record": "observer",  # data classes and a protocol
    "report": "trials_csv trials_json trials_parquet",  # names of three functions of trials_table
    "search": "runner",  # data classes and protocols
    "training": "guide_model",  # an example, which tests/adoption runs
    "verdict": "judge",  # protocols and a data class
}


def test_each_module_has_its_test_file() -> None:
    package = ROOT / "toonvision"
    modules = [path.relative_to(package) for path in package.rglob("*.py") if not path.name.startswith("__")]
    missing = [
        str(module)
        for module in modules
        if not (ROOT / "tests" / module.with_name(f"test_{module.name}")).exists()
        and module.stem not in WITHOUT.get(module.parent.as_posix().removeprefix("."), "").split()
    ]
    assert missing == []
