"""Where a classifier of images looks: class activation maps of its last convolution.

Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391): the channels of the last convolution, weighted by the mean of the
gradient of the named class's score before the softmax, and only what speaks for the class.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from toonvision.dataset import Split
from toonvision.dataset.batches import Batches

MOST = 2000  # examples; the maps of more would take longer than the test itself
_DIMENSIONS = 4  # of a batch of images, or of what a convolution makes of it


def activation_maps(model: keras.Model, split: Split, batch_size: int) -> NDArray[np.uint8] | None:
    """Return a map for each example, shape `(n, height, width)`, from 0 to 255 at its highest place.

    Args:
        model: with one output for each class, or one for the second of two classes.
        split: the examples.
        batch_size: examples a batch.

    Returns:
        None if the examples are no images in memory with one class each, or are too many; if the model has no
        convolution, or its last layer is not dense; and on another backend than TensorFlow.
    """
    x, features = split.x, _last_features(model)
    is_image = not isinstance(x, Batches | Mapping) and x.ndim == _DIMENSIONS
    has_classes = split.y.ndim == 1 and np.issubdtype(split.y.dtype, np.integer)
    is_possible = is_image and has_classes and len(split) <= MOST and features is not None
    if not is_possible or keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf  # only here, where it is the backend

    head = model.layers[-1]
    try:
        seen = keras.Model(model.inputs, [features, head.input])
    except ValueError:  # they are parts of different graphs, say where a network is called twice
        return None

    def maps_of(images: Any) -> Any:
        with tf.GradientTape() as tape:
            channels, before = seen(images, training=False)
            # A gradient after the softmax vanishes where the model is certain.
            scores = tf.matmul(tf.cast(before, head.kernel.dtype), head.kernel) + (head.bias if head.use_bias else 0.0)
            # One unit is the score of the second class; below 0, the first one is named.
            named = tf.abs(scores[:, 0]) if scores.shape[-1] == 1 else tf.reduce_max(scores, axis=-1)
        weights = tf.reduce_mean(tape.gradient(named, channels), axis=(1, 2), keepdims=True)
        found = tf.nn.relu(tf.reduce_sum(weights * channels, axis=-1))
        return found / tf.maximum(tf.reduce_max(found, axis=(1, 2), keepdims=True), 1e-12)

    maps = tf.function(maps_of, reduce_retracing=True)
    parts = [np.asarray(maps(x[start : start + batch_size])) for start in range(0, len(x), batch_size)]
    return np.asarray(np.rint(255 * np.concatenate(parts)), dtype=np.uint8)


def _last_features(model: keras.Model) -> keras.KerasTensor | None:
    """Return what the last convolution gives, or the last network that is a layer; None if there is none."""
    *layers, last = model.layers or [None]
    if not getattr(model, "inputs", None):  # a model whose class says how it is called
        return None
    if type(last) is not keras.layers.Dense or len(last.input.shape) != 2:
        return None
    following: keras.Layer = last
    for layer in reversed(layers):
        found: Any = None
        if isinstance(layer, keras.Model):
            found = following.input  # its own output is that of another graph
        elif "Conv" in type(layer).__name__:
            found = getattr(layer, "output", None)  # a layer that is used twice has none
        if len(getattr(found, "shape", ())) == _DIMENSIONS and min(found.shape[1:3]) > 1:
            return found
        following = layer
    return None
