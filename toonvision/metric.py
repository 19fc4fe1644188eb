"""A metric that Keras lacks: macro F1 of sparse labels, for `objective=val_macro_f1`."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="toonvision")
class MacroF1(keras.metrics.F1Score):
    """The mean of the classes' F1 over all examples of an epoch, as scikit-learn's `f1_score(average="macro")`.

    `keras.metrics.F1Score` wants one-hot labels, counts two classes of the same probability as predicted both, and
    takes the mean over classes that neither occur nor are predicted, too.

    A saved model that was compiled with it is read by `keras.models.load_model` after `import toonvision.metric`, or
    with `compile=False`.
    """

    def __init__(self, name: str = "macro_f1", dtype: Any = None) -> None:
        super().__init__(average=None, name=name, dtype=dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count the examples of a batch.

        Args:
            y_true: classes, shape `(n,)` or `(n, 1)`.
            y_pred: probabilities, shape `(n, n_classes)`.
            sample_weight: shape `(n,)`, or None for equal weights.
        """
        n_classes = y_pred.shape[-1]
        labels = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        predicted = ops.argmax(y_pred, axis=-1)
        super().update_state(ops.one_hot(labels, n_classes), ops.one_hot(predicted, n_classes), sample_weight)

    def result(self) -> Any:
        """Return the mean over the classes that occur or are predicted."""
        seen = self.true_positives + self.false_positives + self.false_negatives
        known = ops.cast(seen > 0, self.dtype)
        return ops.sum(super().result() * known) / ops.maximum(ops.sum(known), 1)

    def get_config(self) -> dict[str, Any]:
        """Return what the metric is made from again."""
        return {"name": self.name, "dtype": self.dtype}
