"""What an exported model says of examples: it runs as where it is served, without Keras and the code of its layers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from toonvision.training.export_format import Format

Arrays = Mapping[str, NDArray[Any]]


def predict_exported(folder: Path, kind: Format, examples: Arrays) -> NDArray[np.float32]:
    """Return the predictions of an exported model.

    Args:
        folder: of the export.
        kind: its format.
        examples: an array for each input, by its name.
    """
    return np.asarray(_RUNTIMES[kind.keras_name](folder / kind.file, examples), dtype=np.float32)


def _saved_model(path: Path, examples: Arrays) -> NDArray[Any]:
    signature = tf.saved_model.load(str(path)).signatures["serving_default"]
    _, inputs = signature.structured_input_signature
    (output,) = signature(**{name: tf.constant(examples[name], one.dtype) for name, one in inputs.items()}).values()
    found: NDArray[Any] = output.numpy()
    return found


def _onnx(path: Path, examples: Arrays) -> NDArray[Any]:
    import onnxruntime  # an optional package, which the format asks for

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {one.name: examples[one.name] for one in session.get_inputs()})
    output: NDArray[Any] = found
    return output


def _litert(path: Path, examples: Arrays) -> NDArray[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow announces that the interpreter moves to another package
        runner = tf.lite.Interpreter(str(path)).get_signature_runner()
    (output,) = runner(**{name: examples[name] for name in runner.get_input_details()}).values()
    found: NDArray[Any] = output
    return found


_RUNTIMES = {"tf_saved_model": _saved_model, "onnx": _onnx, "litert": _litert}
