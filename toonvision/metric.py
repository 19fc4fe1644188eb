"""Macro F1 of classes, a metric that Keras lacks in this form, for `objective=val_macro_f1`."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="toonvision")
class MacroF1(keras.metrics.F1Score):
    """The mean of the classes' F1 over the examples of an epoch, as scikit-learn's `f1_score(average="macro")`.

    `keras.metrics.F1Score` needs one-hot labels, counts both classes as predicted if their probabilities are equal, and
    includes classes that neither occur nor are predicted in the mean.

    To load a saved model that was compiled with it, import `toonvision.metric` before `keras.models.load_model`, or
    pass `compile=False`.
    """

    def __init__(self, name: str = "macro_f1", dtype: Any = None) -> None:
        super().__init__(average=None, name=name, dtype=dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add the examples of a batch.

        Args:
            y_true: class indices, shape `(n,)` or `(n, 1)`; or a number for each class, shape `(n, n_classes)`.
            y_pred: probabilities, shape `(n, n_classes)`.
            sample_weight: shape `(n,)`, or None for equal weights.
        """
        n_classes = y_pred.shape[-1]
        if y_true.ndim == 2 and y_true.shape[-1] == n_classes > 1:
            y_true = ops.argmax(y_true, axis=-1)
        labels = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        predicted = ops.argmax(y_pred, axis=-1)
        super().update_state(ops.one_hot(labels, n_classes), ops.one_hot(predicted, n_classes), sample_weight)

    def result(self) -> Any:
        """Return the mean over the classes that occur or are predicted."""
        occurring = self.true_positives + self.false_positives + self.false_negatives
        counted = ops.cast(occurring > 0, self.dtype)
        return ops.sum(super().result() * counted) / ops.maximum(ops.sum(counted), 1)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that create the metric again."""
        return {"name": self.name, "dtype": self.dtype}
