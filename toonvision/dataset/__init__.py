"""Datasets: one file per source, each with a `load(...) -> Dataset` that its YAML names by `_target_`.

`cogs_drawing` draws the embedded pictures. Models and training live elsewhere.
"""

from toonvision.dataset.dataset import Dataset, Examples, Split, each_input, load_dataset

__all__ = ["Dataset", "Examples", "Split", "each_input", "load_dataset"]
