"""An exported model, run where it is served."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from toonvision.training.export_format import FORMATS
from toonvision.training.exported import predict_exported


@pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")  # Keras, for tf2onnx
@pytest.mark.parametrize("name", list(FORMATS))
def test_a_model_that_keras_has_exported_predicts(name: str, tmp_path: Path) -> None:
    inputs = {key: keras.Input((2,), name=key) for key in ("left", "right")}
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Subtract()(list(inputs.values()))))
    signature = {key: tf.TensorSpec((None, 2), "float32", name=key) for key in inputs}
    kind = FORMATS[name]
    path = str(tmp_path / kind.file)
    model.export(path, format=kind.keras_name, verbose=False, input_signature=[signature])
    x = {"right": np.ones((3, 2), np.float32), "left": np.arange(6, dtype=np.float32).reshape(3, 2)}
    expected = model.predict(x, verbose=0)
    np.testing.assert_allclose(predict_exported(tmp_path, kind, x), expected, rtol=1e-5, atol=1e-6)
