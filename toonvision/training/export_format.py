"""The formats in which a model is exported: what each can take, and the packages that it needs. Keras is not imported.

They are those of `keras.Model.export`. Keras writes the format `openvino`, too, which is not offered here because
nothing has checked it, and `torch`, which needs Keras on PyTorch.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from toonvision.errors import ConfigError, Problem, did_you_mean


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Attributes:
        keras_name: as `keras.Model.export` calls it.
        file: that Keras writes in the folder of the export; empty if it writes the folder itself.
        number: dtype of a column of numbers.
        category: dtype of a column of categories: string for the text, else an integer for its position among those of
            the train rows, because ONNX Runtime and LiteRT cannot compare texts.
        served: where such a model runs.
        packages: beside Keras and TensorFlow.
    """

    keras_name: str
    file: str
    number: str
    category: str
    served: str
    packages: tuple[str, ...] = ()


FORMATS = {
    "savedmodel": Format("tf_saved_model", "", "float64", "string", "TensorFlow Serving, or tf.saved_model.load"),
    "onnx": Format(
        "onnx", "model.onnx", "float64", "int64", "ONNX Runtime", ("onnx", "onnxruntime", "tf2onnx")
    ),  # tf2onnx converts, and onnxruntime checks
    "litert": Format("litert", "model.tflite", "float32", "int32", "LiteRT (TensorFlow Lite), as on a phone"),
}


def checked_format(name: str) -> Format:
    """Return a format.

    Raises:
        ConfigError: if there is no such format, or a package that it needs is not installed.
    """
    if name not in FORMATS:
        raise ConfigError(Problem("format", f"one of {', '.join(FORMATS)}", repr(name), did_you_mean(name, FORMATS)))
    missing = [package for package in FORMATS[name].packages if find_spec(package) is None]
    if missing:
        hint = f"Install them by pip install 'toonvision[{name}]'."
        raise ConfigError(
            Problem("format", "a format whose packages are installed", f"{name!r}, without {', '.join(missing)}", hint)
        )
    return FORMATS[name]
