"""The interface of all datasets: three splits, the class names and a fingerprint."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from toonvision.config.node import Node, instantiate

Labels = NDArray[np.int64] | NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Split:
    """One part of a dataset.

    Attributes:
        x: the examples, shape `(n, *input_shape)`; images are uint8 in [0, 255], features float32. The array can be a
            read-only memory map.
        y: class of each example, shape `(n,)`, int64, an index into `Dataset.class_names`; or a value for each of these
            names, shape `(n, k)`: int64, 0 or 1, for labels, float32 for the targets of a regression.
        names: name of each example, for example the path of its file; or empty.
    """

    x: NDArray[np.uint8] | NDArray[np.float32]
    y: Labels
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.y)

    @property
    def example_names(self) -> tuple[str, ...]:
        """The names of the examples, or their positions if they have no names."""
        return self.names or tuple(str(index) for index in range(len(self)))


@dataclass(frozen=True, slots=True)
class Dataset:
    """Train, validation and test examples.

    Attributes:
        name: name of the source, as in `conf/dataset/`.
        train: the training examples.
        validation: the validation examples.
        test: the test examples.
        class_names: names of the classes in the order of the indices in `Split.y`; or of the labels, or the targets.
        fingerprint: hexadecimal digest of the files and settings, or of the arrays; datasets with the same fingerprint
            have the same examples in the same splits.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    fingerprint: str

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example without the batch: `(height, width, 3)` for colour images."""
        return tuple(self.train.x.shape[1:])


def load_dataset(node: Node) -> Dataset:
    """Load the dataset of a resolved `dataset` group; the last two datasets stay in memory.

    Raises:
        DatasetError: if the data cannot be read or are no dataset.
        ConfigError: if a setting is invalid.
    """
    return _load(json.dumps(node.to_mapping(), sort_keys=True))


@lru_cache(maxsize=2)
def _load(mapping: str) -> Dataset:
    dataset = instantiate(Node.from_mapping(json.loads(mapping)), "dataset")
    assert isinstance(dataset, Dataset)
    return dataset
