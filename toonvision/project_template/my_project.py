"""The Python of this project: its examples, a layer and a metric.

The options in `conf/` name each of them as a `_target_`, whose other keys are its arguments. A saved model names the
layer and the metric, too: `register_keras_serializable` lets Keras find them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray
from sklearn.datasets import make_moons

SPLITS = ("train", "validation", "test")


def examples(split: str, *, count: int, noise: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the examples of one split: points in two half moons. Read your own data here.

    Args:
        split: train, validation or test. No example may be in two of them.
        count: number of examples.
        noise: standard deviation of what moves a point away from its moon.

    Returns:
        The points, shape `(count, 2)`, and the class of each, shape `(count,)`, counted from 0.
    """
    points, classes = make_moons(count, noise=noise, random_state=SPLITS.index(split))
    return points.astype(np.float32), classes.astype(np.int64)


@keras.saving.register_keras_serializable(package="my_project")
class RadialBasis(keras.layers.Layer):
    """How near an example is to each of some learned centers: 1 at the center, almost 0 far away.

    Args:
        units: number of centers.
        width: distance from a center at which the nearness has fallen to 1/e, which is 0.37.
        keywords: of every layer of Keras, such as `name`.
    """

    def __init__(self, units: int, width: float = 1.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.units, self.width = units, width

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the centers, when the number of features is known."""
        spread = keras.initializers.RandomNormal(stddev=1.0)
        self.centers = self.add_weight(name="centers", shape=(self.units, input_shape[-1]), initializer=spread)

    def call(self, inputs: Any) -> Any:
        """Return the nearness of each example to each center: shape `(batch, features)` to `(batch, units)`."""
        squared_distances = ops.sum(ops.square(ops.expand_dims(inputs, 1) - self.centers), axis=-1)
        return ops.exp(-squared_distances / self.width**2)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that create the layer again when a model is loaded."""
        return {**super().get_config(), "units": self.units, "width": self.width}


@keras.saving.register_keras_serializable(package="my_project")
class Cost(keras.metrics.Mean):
    """The mean cost of the answers: nothing for a right one; a wrong one costs what its true class says.

    Args:
        costs: of a wrong answer, for each class.
        name: in the reports; on the validation examples it is `val_` and this name.
        keywords: of every metric of Keras, such as `dtype`.
    """

    def __init__(self, costs: Sequence[float], name: str = "cost", **keywords: Any) -> None:
        super().__init__(name=name, **keywords)
        self.costs = [float(cost) for cost in costs]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch: classes of shape `(batch,)` or `(batch, 1)`, and the probabilities of the classes."""
        classes = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        is_wrong = ops.cast(ops.not_equal(ops.argmax(y_pred, axis=-1), classes), self.dtype)
        costs = ops.take(ops.convert_to_tensor(self.costs, dtype=self.dtype), classes)
        super().update_state(costs * is_wrong, sample_weight)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that create the metric again."""
        return {**super().get_config(), "costs": self.costs}
