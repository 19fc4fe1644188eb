"""A network of `keras.applications` without its last layers, to be learned further or to stand still.

Each network expects the pixels that it was made with. What its `preprocess_input` does to them, a scale and an offset
for each channel and sometimes the channels in reverse order, becomes layers, so that the saved model has it.
"""

from __future__ import annotations

import functools
import importlib
import warnings
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

NAME = "backbone"  # of the Keras layer, for `training.fine_tuning.layer`
_DOWNLOADED = "imagenet"


def backbone(network: functools.partial[keras.Model], trainable_layers: int | None = None) -> keras.Model:
    """Return a network that takes RGB images with pixels in [0, 255].

    Args:
        network: a function of `keras.applications` with its keywords, `weights` among them: imagenet, the path of a
            file, or None for random ones.
        trainable_layers: how many of its last layers learn, but for its batch normalizations, which keep their
            statistics; None for all layers.

    Raises:
        ValueError: if the network does not take these keywords, or the file has the weights of another one.
        OSError: if the file cannot be read, or the weights cannot be downloaded.
    """
    weights = network.keywords.get("weights", _DOWNLOADED)
    if weights not in (None, _DOWNLOADED) and not Path(weights).is_file():
        raise FileNotFoundError(f"There is no file {weights}; expected null, {_DOWNLOADED} or the path of a file")
    try:
        with warnings.catch_warnings():
            # of weights that do not fit, Keras skips what it does not find
            warnings.filterwarnings("error", category=UserWarning, module=r"keras\.src\.saving")
            warnings.filterwarnings("ignore", message="`input_shape` is undefined or non-square")
            inner = network()
    except UserWarning as warning:
        raise ValueError(f"{weights} has the weights of another network: {warning}") from warning
    except Exception as error:
        if is_download(error):
            raise ConnectionError(f"{error}. Give the path of a file, or null for random weights") from error
        raise
    set_trainable(inner, trainable_layers)
    inputs = keras.Input(shape=inner.input_shape[1:])
    return keras.Model(inputs, inner(preprocessed(inputs, network.func)), name=NAME)


def is_download(error: Exception) -> bool:
    """Whether an error is Keras's of a download, which has no class of its own."""
    return type(error) is Exception and str(error).startswith("URL fetch failure")


def set_trainable(model: keras.Model, last: int | None) -> None:
    """Let only the last layers of a model learn, those of the models within it counted one by one.

    Args:
        model: whose layers are meant.
        last: how many learn, but for batch normalizations; None for all layers.
    """
    layers = _layers(model)
    for position, layer in enumerate(layers):
        is_normalization = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = last is None or (position >= len(layers) - last and not is_normalization)


def _layers(model: keras.Model) -> list[keras.Layer]:
    """Return the layers of a model and of the models within it, each of which may have learning layers then."""
    model.trainable = True
    found = list[keras.Layer]()
    for layer in model.layers:
        found += _layers(layer) if isinstance(layer, keras.Model) else [layer]
    return found


def preprocessed(x: keras.KerasTensor, application: Callable[..., keras.Model]) -> keras.KerasTensor:
    """Apply what `preprocess_input` of an application does, as it shows on black and on each pure color."""
    preprocess = importlib.import_module(application.__module__).preprocess_input
    pixels = np.concatenate([np.zeros((1, 3)), 255 * np.eye(3)]).reshape(4, 1, 1, 3)
    black, *colors = preprocess(pixels.astype(np.float32)).reshape(4, 3)
    slopes = (np.stack(colors) - black) / 255  # row: a channel that is given, column: one that comes of it
    if not slopes.diagonal().all():
        x, slopes = keras.ops.flip(x, axis=-1), slopes[::-1]
    scale, offset = slopes.diagonal(), black
    if np.allclose(scale, 1) and np.allclose(offset, 0):
        return x
    return keras.layers.Rescaling([float(s) for s in scale], [float(o) for o in offset])(x)
