"""Train examples that are changed at random before the model sees them, as `training.augmentation` says.

The layers are called on batches of the input and are no part of the model, so that a saved model has none of them. What
is drawn depends on the seed of the training and the number of the epoch alone: an interrupted trial that goes on sees
what it would have seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from toonvision.config.node import instantiate
from toonvision.config.training_schema import Training
from toonvision.dataset import Examples, Split
from toonvision.dataset.batches import Batches
from toonvision.dataset.dataset import Labels
from toonvision.errors import ConfigError, Problem
from toonvision.training.shuffled import Shuffled
from toonvision.training.tf_data import dataset_of

_PATH = "training.augmentation"
_MIXING = ("MixUp", "CutMix")  # layers that change the labels, too; by name, since older versions of Keras lack one
_DRAWS = 1 << 20  # that a layer can make in one epoch


class Augmentation:
    """Layers that change the train examples of one training.

    Args:
        layers: by name, called in this order.
        train: whose `x` is one array of images, shape `(n, height, width, channels)`, or batches of such arrays.
        batch_size: examples a batch.

    Attributes:
        examples: the batches that are changed; flips that come first are done with them.
        layers: those that are left.

    Raises:
        ConfigError: if the examples are no images, or their labels cannot be mixed and would be.
    """

    def __init__(self, layers: Mapping[str, keras.Layer], train: Split, batch_size: int) -> None:
        some = train.x.first if isinstance(train.x, Batches) else train.x
        several = isinstance(some, Mapping)
        if several or some.ndim != 4:
            received = "several inputs" if several else f"examples of shape {some.shape[1:]}"
            raise ConfigError(Problem(_PATH, "{} (augmentation=none), because only images are augmented", received))
        mixing = [name for name, layer in layers.items() if type(layer).__name__ in _MIXING]
        if mixing and train.y.ndim == 1 and train.y.max() > 1:
            expected = "labels that can be mixed: a number for each class (task=multiclass_one_hot)"
            raise ConfigError(Problem(f"{_PATH}.{mixing[0]}", expected, "the index of a class for each example"))
        flips = itertools.takewhile(lambda name: type(layers[name]) is keras.layers.RandomFlip, layers)
        first = {name: layers[name] for name in flips}
        self.layers = {name: layer for name, layer in layers.items() if name not in first}
        self.examples = Shuffled(train, batch_size, list(first.values()), mixes=bool(mixing))
        self._shape = some.shape[1:]

    @classmethod
    def of(cls, training: Training, train: Split) -> Augmentation | None:
        """Return the augmentation of a training; None if it has no layers.

        Raises:
            ConfigError: as the class does.
        """
        nodes = training.augmentation or {}
        layers = {name: instantiate(node, f"{_PATH}.{name}") for name, node in nodes.items() if node}
        return cls(layers, train, training.batch_size) if layers else None

    def batches(self, epoch: int) -> Iterator[tuple[Any, Any]]:
        """Return pairs of changed examples and their labels as tensors, from an epoch on and without an end.

        Raises:
            ConfigError: if a layer does not take the images, or changes their size.
        """

        def plain() -> Iterator[tuple[Examples, Labels]]:
            for number in itertools.count(epoch):
                # The batches before have been mapped, one after the other, before this one is asked for.
                self._begin(number)
                yield from self.examples.epoch(number)

        try:
            augmented = dataset_of(plain, self.examples.train).map(self._augmented)
        except (ValueError, TypeError) as error:
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            raise ConfigError(Problem(_PATH, "layers that can be called on the images", lines[-1])) from error
        shape = tuple(augmented.element_spec[0].shape[1:])
        if shape != self._shape:
            expected = f"layers that leave images of shape {self._shape} as large as they are"
            raise ConfigError(Problem(_PATH, expected, f"images of shape {shape}"))
        return iter(augmented.prefetch(2))

    def _begin(self, epoch: int) -> None:
        """Set the states of the layers' random generators, each a seed and a position."""
        for number, layer in enumerate(self.layers.values()):
            for variable in layer.variables:
                variable.assign(np.array([self.examples.seed + number, epoch * _DRAWS], variable.dtype))

    def _augmented(self, x: Any, y: Any) -> tuple[Any, Any]:
        for layer in self.layers.values():
            if type(layer).__name__ in _MIXING:
                both = layer({"images": x, "labels": y}, training=True)
                x, y = both["images"], both["labels"]
            else:
                x = layer(x, training=True)
        return x, y
