"""The second phase of a training: layers of a backbone, which stood still before, learn with an optimizer of their own.

The model is compiled again, as Keras asks for when other layers are to learn.
"""

from __future__ import annotations

import keras

from toonvision.config.training_schema import FineTuning, Training
from toonvision.errors import ConfigError, Problem, did_you_mean
from toonvision.training.backbone import set_trainable
from toonvision.training.model import compile_model

_BEGUN = "toonvision_fine_tuning"  # attribute of a model


def begin_fine_tuning(model: keras.Model, training: Training, settings: FineTuning) -> None:
    """Let the layers learn, and compile the model with the second optimizer, unless that was done before.

    Raises:
        ConfigError: if the model has no model of this name as a layer.
    """
    if getattr(model, _BEGUN, False):
        return
    inner = {layer.name: layer for layer in model.layers if isinstance(layer, keras.Model)}
    if settings.layer not in inner:
        expected = f"one of {', '.join(inner)}" if inner else "a model that has another one as a layer (block=backbone)"
        hint = did_you_mean(settings.layer, list(inner))
        raise ConfigError(Problem("training.fine_tuning.layer", expected, repr(settings.layer), hint))
    set_trainable(inner[settings.layer], settings.trainable_layers)
    compile_model(model, training, settings.optimizer, "training.fine_tuning.optimizer")
    setattr(model, _BEGUN, True)
