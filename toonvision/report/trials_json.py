"""The target of `trials.json` that configurations name."""

from toonvision.report.trials_table import write_json as write

__all__ = ["write"]
