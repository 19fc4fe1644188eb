"""Where a classifier looks: at what speaks for the class that it names, or nowhere if that is not known."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest

from toonvision.dataset import Split
from toonvision.training import activation_maps as module
from toonvision.training.activation_maps import activation_maps

pytestmark = pytest.mark.training

PLACES = [(2, 3), (5, 1), (6, 6), (1, 6), (4, 4)]


def spots() -> Split:
    """Return images of 8x8 that are black but for one place."""
    x = np.zeros((len(PLACES), 8, 8, 1), np.uint8)
    for image, place in zip(x, PLACES, strict=True):
        image[place] = 200
    return Split(x, np.zeros(len(PLACES), np.int64))


def classifier(units: int = 2, activation: str = "softmax", *, nested: bool = False) -> keras.Model:
    """Return a model that names the first class (the second, with one unit) the more, the more light there is."""
    convolution = keras.layers.Conv2D(2, 1, use_bias=False)
    within = keras.Sequential([keras.layers.Input((8, 8, 1)), convolution]) if nested else convolution
    model = keras.Sequential(
        [
            keras.layers.Input((8, 8, 1)),
            within,
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(units, activation=activation),
        ]
    )
    convolution.set_weights([np.array([1.0, -1.0]).reshape(1, 1, 1, 2)])
    weights = np.array([[1.0, -1.0], [-1.0, 1.0]])[:, :units]
    model.layers[-1].set_weights([weights, np.zeros(units)])
    return model


@pytest.mark.parametrize(
    "model",
    [classifier, lambda: classifier(1, "sigmoid"), lambda: classifier(nested=True)],
    ids=["classes", "one unit", "a network as a layer"],
)
def test_the_highest_place_is_the_one_that_speaks_for_the_class(model: Callable[[], keras.Model]) -> None:
    maps = activation_maps(model(), spots(), batch_size=2)
    assert maps is not None
    assert (maps.shape, maps.dtype) == ((5, 8, 8), np.dtype(np.uint8))
    assert [np.unravel_index(found.argmax(), found.shape) for found in maps] == PLACES
    assert [found.max() for found in maps] == [255] * 5
    assert all((found > 0).sum() == 1 for found in maps)


def test_a_model_that_is_certain_looks_somewhere_too() -> None:
    certain = classifier()
    certain.layers[-1].set_weights([np.array([[1e4, -1e4], [-1e4, 1e4]]), np.zeros(2)])
    maps = activation_maps(certain, spots(), batch_size=5)
    assert maps is not None
    assert maps.max(axis=(1, 2)).tolist() == [255] * 5


class Called(keras.Model):
    """A model whose class says how it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.network, self.head = classifier(), keras.layers.Dense(2)

    def call(self, x: object) -> object:
        """Return two scores."""
        return self.head(self.network(x))


def test_what_is_not_known_has_no_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    images = spots()
    flat = keras.Sequential([keras.layers.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    assert activation_maps(flat, images, 2) is None
    open_end = keras.Sequential([keras.layers.Input((8, 8, 1)), keras.layers.Conv2D(2, 3), keras.layers.Flatten()])
    assert activation_maps(open_end, images, 2) is None
    assert activation_maps(classifier(), Split(images.x, images.y[:, np.newaxis].astype(np.float32)), 2) is None
    assert activation_maps(classifier(), Split(np.zeros((5, 64)), images.y), 2) is None
    called = Called()
    called(images.x)
    assert activation_maps(called, images, 2) is None
    monkeypatch.setattr(module, "MOST", 4)
    assert activation_maps(classifier(), images, 2) is None
