"""`trials.parquet`: the columns of `trials.csv` with their types, for pandas, Polars, DuckDB and R."""

from __future__ import annotations

from pathlib import Path

from toonvision.record.results import Results


def write(results: Results, directory: Path) -> Path:
    """Write the table of all trials; a value that a trial does not have is null."""
    path = directory / "trials.parquet"
    results.to_frame().to_parquet(path, engine="pyarrow", index=False)
    return path
