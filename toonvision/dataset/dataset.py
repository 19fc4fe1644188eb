"""The interface of all datasets: three splits, the class names and a fingerprint."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toonvision.config.node import Node, instantiate
from toonvision.dataset.batches import Batches

Labels = NDArray[np.int64] | NDArray[np.float32]
Examples = Any  # an array, or with several inputs a mapping of arrays; a union would burden each use of the first
Shape = tuple[int, ...]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """One part of a dataset.

    Attributes:
        x: the examples, shape `(n, *input_shape)`; images are uint8 in [0, 255], features float32, ids of words int32.
            The array can be a read-only memory map. With several inputs, one array for each by its name. Or `Batches`
            of these.
        y: class of each example, shape `(n,)`, int64, an index into `Dataset.class_names`; or a value for each of these
            names, shape `(n, k)`: int64, 0 or 1, for labels, float32 for the targets of a regression.
        names: name of each example, for example the path of its file; or empty.
        groups: of each example, if those of one are not to be torn apart; or empty.
    """

    x: Examples
    y: Labels
    names: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.y)

    @property
    def example_names(self) -> tuple[str, ...]:
        """The names of the examples, or their positions if they have no names."""
        return self.names or tuple(str(index) for index in range(len(self)))

    def joined(self, other: Split) -> Split:
        """Return the examples of both."""
        if isinstance(self.x, Batches):
            x = self.x.joined(other.x)
        else:
            x = each_input(lambda *parts: np.concatenate(parts), self.x, other.x)
        return Split(x, np.concatenate([self.y, other.y]), self.names + other.names, self.groups + other.groups)

    def beginning(self, size: int) -> Split:
        """Return the first examples, at most `size`, in memory."""
        if isinstance(self.x, Batches):
            return Split(*self.x.beginning(size))
        return Split(each_input(lambda x: x[:size], self.x), self.y[:size])

    def taken(self, indices: NDArray[np.integer[Any]]) -> Split:
        """Return the examples at some positions; of examples in memory."""
        names = tuple(self.names[index] for index in indices) if self.names else ()
        groups = tuple(self.groups[index] for index in indices) if self.groups else ()
        return Split(each_input(lambda x: x[indices], self.x), self.y[indices], names, groups)

    def named(self, names: Sequence[str]) -> Split:
        """Return the examples with some names, in the order of these."""
        position = {name: index for index, name in enumerate(self.names)}
        return self.taken(np.array([position[name] for name in names]))


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
        is_ordered: whether the splits follow each other in time, so that examples cannot change places.
        preprocessing: what was learned from the train examples to make such arrays, as plain data; None for nothing.
        refit: returns the inputs of train and validation, joined, as the examples at some of these positions say, for
            folds; None where nothing is learned from the train examples. It lives in memory only.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    fingerprint: str
    preprocessing: Mapping[str, Any] | None = None
    is_ordered: bool = False
    refit: Callable[[Indices], Examples] | None = None

    @property
    def input_shape(self) -> Shape | dict[str, Shape]:
        """Shape of one example without the batch, say `(height, width, 3)`; of each input by its name if several."""
        x = self._some
        return {name: array.shape[1:] for name, array in x.items()} if isinstance(x, Mapping) else tuple(x.shape[1:])

    @property
    def id_inputs(self) -> tuple[str, ...]:
        """The inputs that are sequences of ids, by name; the only input of a dataset has the name `""`."""
        x = self._some
        inputs = x if isinstance(x, Mapping) else {"": x}
        return tuple(name for name, array in inputs.items() if array.dtype == np.int32 and array.ndim == 2)

    @property
    def _some(self) -> Examples:
        """Some train examples that are in memory."""
        return self.train.x.first if isinstance(self.train.x, Batches) else self.train.x


def each_input(function: Callable[..., NDArray[Any]], *examples: Examples) -> Examples:
    """Return what a function makes of examples, input by input: `each_input(np.resize, split.x)`.

    Args:
        function: of one array for each of `examples`.
        examples: all with the same inputs.
    """
    first = examples[0]
    if isinstance(first, Mapping):
        return {name: function(*(x[name] for x in examples)) for name in first}
    return function(*examples)


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
