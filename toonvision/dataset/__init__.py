"""Datasets: one file a source, each with a `load(...) -> Dataset` that its YAML names by `_target_`."""

from toonvision.dataset.dataset import Dataset, Split, load_dataset

__all__ = ["Dataset", "Split", "load_dataset"]
