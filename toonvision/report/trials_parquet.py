"""The target of `trials.parquet` that configurations name."""

from toonvision.report.trials_table import write_parquet as write

__all__ = ["write"]
