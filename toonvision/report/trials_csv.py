"""The target of `trials.csv` that configurations name."""

from toonvision.report.trials_table import write_csv as write

__all__ = ["write"]
