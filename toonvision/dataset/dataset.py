"""What a dataset is, to the rest of the package: three splits, the class names and a fingerprint."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from toonvision.config.node import Node, instantiate


@dataclass(frozen=True, slots=True)
class Split:
    """One part of a dataset.

    Attributes:
        x: the examples, shape `(n, *input_shape)`; images are uint8 in [0, 255], features float32.
            May be a read-only memory map.
        y: the class of each example, shape `(n,)`, int64, an index into `Dataset.class_names`.
        names: what each example is called (a file's path, say), one for each, or empty.
    """

    x: NDArray[np.uint8] | NDArray[np.float32]
    y: NDArray[np.int64]
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.y)

    @property
    def example_names(self) -> tuple[str, ...]:
        """The names or, where there are none, the examples' positions."""
        return self.names or tuple(str(index) for index in range(len(self)))


@dataclass(frozen=True, slots=True)
class Dataset:
    """Train, validation and test examples of one classification task.

    Attributes:
        name: the source's name, as in `conf/dataset/`.
        class_names: in the order of the indices in `Split.y`.
        fingerprint: hexadecimal digest of what the examples are made of (files and settings, or arrays); two
            datasets with one fingerprint hold the same examples in the same splits.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    fingerprint: str

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example, without the batch: `(height, width, 3)` for images."""
        return tuple(self.train.x.shape[1:])


def load_dataset(node: Node) -> Dataset:
    """Load the dataset that the resolved `dataset` group names; the last two stay in the process.

    Raises:
        DatasetError: if the data cannot be read or hold no task.
        ConfigError: if a setting is out of place.
    """
    return _load(json.dumps(node.to_mapping(), sort_keys=True))


@lru_cache(maxsize=2)
def _load(mapping: str) -> Dataset:
    dataset = instantiate(Node.from_mapping(json.loads(mapping)), "dataset")
    assert isinstance(dataset, Dataset)
    return dataset
