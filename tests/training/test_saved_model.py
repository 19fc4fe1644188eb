"""Loading a saved model: what it names is Keras's or trusted."""

from __future__ import annotations

import importlib
import json
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from toonvision.config.trust import TRUSTED_VARIABLE
from toonvision.errors import ConfigError, SearchError
from toonvision.training.saved_model import load_saved


def saved(path: Path) -> keras.Model:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    model.save(path)
    return model


def changed(path: Path, old: str, new: str) -> Path:
    """Write a copy of a saved model whose configuration has another text in it."""
    other = path.with_name("changed.keras")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                assert old in content.decode()
                content = content.decode().replace(old, new).encode()
            target.writestr(name, content)
    return other


def test_a_saved_model_predicts_as_it_did(tmp_path: Path) -> None:
    model = saved(tmp_path / "model.keras")
    x = np.ones((2, 3), np.float32)
    np.testing.assert_array_equal(load_saved(tmp_path / "model.keras").predict(x), model.predict(x))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"module": "keras.layers", "class_name": "Dense"', '"module": "os", "class_name": "system"', "'os.system'"),
        ('"class_name": "Dense"', '"class_name": "Lambda"', "a model without code. Received: a layer Lambda"),
        ('"module": "keras.layers", "class_name": "Dense"', '"module": "tests.x", "class_name": "Y"', "'tests.x.Y'"),
    ],
)
def test_a_model_that_names_code_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    saved(tmp_path / "model.keras")
    with pytest.raises(ConfigError, match=message):
        load_saved(changed(tmp_path / "model.keras", old, new))


OWN_LAYER = """
import keras

@keras.saving.register_keras_serializable(package="saved_layers")
class Doubled(keras.layers.Layer):
    def call(self, inputs):
        return 2 * inputs
"""


def test_the_module_of_a_layer_is_imported_if_it_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "saved_layers.py").write_text(OWN_LAYER)
    monkeypatch.syspath_prepend(tmp_path)
    layer = importlib.import_module("saved_layers").Doubled()
    keras.Sequential([keras.Input((3,)), layer]).save(tmp_path / "model.keras")
    del sys.modules["saved_layers"], keras.saving.get_custom_objects()["saved_layers>Doubled"]  # as in a new process
    monkeypatch.setenv(TRUSTED_VARIABLE, "")
    with pytest.raises(ConfigError, match=r"saved_layers\.Doubled"):
        load_saved(tmp_path / "model.keras")
    assert "saved_layers" not in sys.modules
    monkeypatch.setenv(TRUSTED_VARIABLE, "saved_layers")
    loaded = load_saved(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(np.ones((2, 3)), verbose=0), np.full((2, 3), 2.0))


def test_what_is_no_saved_model_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match=r"expected a saved model\. Received: no such file"):
        load_saved(tmp_path / "model.keras")
    (tmp_path / "model.keras").write_bytes(b"nothing")
    with pytest.raises(SearchError, match=r"expected a saved model\. Received: File is not a zip file"):
        load_saved(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr("config.json", json.dumps({"module": "keras", "class_name": "Nothing", "config": {}}))
    with pytest.raises(SearchError, match="expected a model that Keras can load"):
        load_saved(tmp_path / "model.keras")
