"""A table with a column of each kind, for tests, and how it is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from toonvision.dataset.dataset import Dataset
from toonvision.dataset.encoding import Encoding
from toonvision.dataset.table_file import load

ROWS = 60


def made() -> pd.DataFrame:
    """Return a table with a column of each kind, and missing values in each."""
    rng = np.random.default_rng(0)
    columns: dict[str, Any] = {
        "size": rng.normal(5, 2, ROWS),
        "count": rng.integers(0, 100, ROWS),
        "color": rng.choice(["red", "green", "blue"], ROWS),
        "day": pd.date_range("2024-01-01", periods=ROWS).strftime("%Y-%m-%d"),
        "flag": rng.choice([True, False], ROWS),
        "price": rng.normal(100, 10, ROWS),
        "kind": np.array(["a", "b", "c"])[np.arange(ROWS) % 3],
    }
    made = pd.DataFrame(columns)
    made.loc[::7, "size"] = np.nan
    made.loc[::11, "color"] = None
    return made


def read(file: Path, target: str | list[str] = "kind", **settings: Any) -> Dataset:
    return load(path=str(file), target=target, **settings)


def rows(names: tuple[str, ...]) -> list[int]:
    return [int(name.removeprefix("row-")) - 1 for name in names]


def encoding(dataset: Dataset) -> Encoding:
    assert dataset.preprocessing is not None
    return Encoding.from_plain(json.loads(json.dumps(dataset.preprocessing)))
