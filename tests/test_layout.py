"""Tests mirror the tree: the tests of a module are in the file of its name."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
# Modules that only the tests of others reach, by their folder. A new module gets a file of its own.
WITHOUT = {
    "config": "arguments parse read schema",
    "dataset/cogs_drawing": "brush figure head picture roster street",
    "dataset": "image_decoding image_listing",
    "": "errors hypermodel job",
    "executor": "dask inline options processes ray slurm",
    "oracle": "grid_search oracle replay untried",
    "record": "conclusion observer",
    "report": (
        "best_values choice comparison_json comparison_tex hparams live narrowing_table path summary terminal "
        "trials_csv trials_json trials_parquet trials_table trials_tex"
    ),
    "report/page": (
        "column contour_figure figure figures hyperparameter_figures model_figures page path_figure "
        "prediction_view search_figures theme"
    ),
    "search": "fresh_seeds running",
    "space_check": "calibration",
    "training": "backend execute trainer worker",
    "trial": "bounds history trial",
    "validation": "space values",
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
