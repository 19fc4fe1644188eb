"""Datasets: one file per source, each with a `load(...) -> Dataset` that its YAML names by `_target_`.

`cogs_drawing` draws the embedded pictures. Models and training live elsewhere.
"""

from toonvision.dataset.dataset import Dataset, Split, load_dataset

__all__ = ["Dataset", "Split", "load_dataset"]
