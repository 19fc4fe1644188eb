"""`toonvision export`: what is written predicts as the saved model does, or nothing is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from tests.dataset import made_table
from toonvision.config.node import Node
from toonvision.dataset import load_dataset
from toonvision.dataset.encoding import Encoding, Numeric
from toonvision.dataset.table_columns import read_table
from toonvision.dataset.text_column import Text
from toonvision.dataset.windows import Windows
from toonvision.errors import DatasetError, SearchError
from toonvision.training import export
from toonvision.training.export import export_model, made_up_rows

OUTPUTS = {"names": ["a", "b", "c"], "threshold": None}


@pytest.fixture
def table(tmp_path: Path) -> Node:
    """A table whose columns have names that are none for TensorFlow, and a saved model of it."""
    frame = made_table.made().rename(columns={"size": "class", "count": "a b", "flag": "a_b"})
    frame.to_csv(tmp_path / "rows.csv", index=False)
    node = Node("toonvision.dataset.table_file.load", {"path": str(tmp_path / "rows.csv"), "target": "kind"})
    plain = made_table.read(tmp_path / "rows.csv").preprocessing
    (tmp_path / "tuned.preprocessing.json").write_text(json.dumps(plain))
    save([keras.Input((len(Encoding.from_plain(plain or {}).names),)), keras.layers.Dense(3, "softmax")], tmp_path)
    return node


def save(layers: list[Any], folder: Path) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = keras.Sequential(layers)
    model.save(folder / "tuned.keras")
    return model


def exported(tmp_path: Path, dataset: Node, format: str = "savedmodel") -> export.Exported:
    return export_model(
        tmp_path / "tuned.keras", dataset, format=format, folder=tmp_path / "new" / "served", outputs=OUTPUTS
    )


@pytest.mark.parametrize("format", ["savedmodel", "onnx", "litert"])
def test_a_model_of_a_table_takes_its_columns(format: str, table: Node, tmp_path: Path) -> None:
    done = exported(tmp_path, table, format)
    assert done.checked == "60 of its rows"
    assert done.difference < 1e-4
    signature = json.loads((done.folder / "signature.json").read_text())
    assert list(signature["inputs"]) == ["class_", "a_b", "color", "day", "a_b_", "price"]
    assert signature["inputs"]["a_b_"]["column"] == "a_b"
    assert signature["outputs"] == OUTPUTS
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["served"]


def test_it_is_served_without_keras_and_by_dict(table: Node, tmp_path: Path) -> None:
    served = tf.saved_model.load(str(exported(tmp_path, table).folder))
    dtypes = {"color": "string"}
    row = {"class_": [5.0], "a_b": [3.0], "color": ["red"], "day": [19_800.0], "a_b_": [1.0], "price": [99.0]}
    given = {name: tf.constant(values, dtypes.get(name, "float64")) for name, values in row.items()}
    assert served.serve(given).numpy().sum() == pytest.approx(1)
    assert (served.serve(given).numpy() != served.serve({**given, "color": tf.constant(["blue"])}).numpy()).any()


def test_rows_are_made_up_if_the_table_is_gone(table: Node, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").unlink()
    done = exported(tmp_path, table)
    assert done.checked == "20 made-up rows"
    assert "20 made-up rows: they differ by at most" in done.lines()[1]


def test_made_up_rows_have_each_category_an_unknown_one_and_missing_values(table: Node, tmp_path: Path) -> None:
    encoding = Encoding.from_plain(json.loads((tmp_path / "tuned.preprocessing.json").read_text()))
    rows = made_up_rows(encoding.columns)
    assert {"", "red", "green", "blue", "a value that no train row has"} <= set(rows["color"])
    assert rows[["class", "day"]].isna().any().all()
    assert set(rows) <= set(read_table(tmp_path / "rows.csv"))


@pytest.mark.parametrize("format", ["savedmodel", "onnx", "litert"])
def test_a_model_of_texts_takes_them_or_the_ids_of_their_words(format: str, tmp_path: Path) -> None:
    words = Text("what is said", ("good", "bad", "it's", "größe"), 4)
    encoding = Encoding((words, Numeric("stars", 3, 2, has_missing=True)), ("a", "b"))
    (tmp_path / "tuned.preprocessing.json").write_text(json.dumps(encoding.to_plain()))
    inputs = {
        "what is said": keras.Input((4,), name="what is said", dtype="int32"),
        "columns": keras.Input((2,), name="columns"),
    }
    embedded = keras.layers.Flatten()(keras.layers.Embedding(6, 3)(inputs["what is said"]))
    joined = keras.layers.Concatenate()([embedded, inputs["columns"]])
    keras.utils.set_random_seed(0)
    model = keras.Model(inputs, keras.layers.Dense(2, "softmax")(joined))
    model.save(tmp_path / "tuned.keras")
    done = exported(tmp_path, Node("toonvision.dataset.table_file.load", {"path": "gone", "target": "a"}), format)
    signature = json.loads((done.folder / "signature.json").read_text())["inputs"]
    assert list(signature) == ["what_is_said", "stars"]
    if format != "savedmodel":
        assert signature["what_is_said"]["shape"] == [None, 4]
        assert signature["what_is_said"]["values"] == list(words.words)
        return
    rows = pd.DataFrame({"what is said": ["BAD, good?", "Its größe\tÄ", ""], "stars": [1.0, np.nan, 5.0]})
    given = {"what_is_said": tf.constant(rows["what is said"]), "stars": tf.constant(rows["stars"])}
    served = tf.saved_model.load(str(done.folder))
    np.testing.assert_allclose(served.serve(given), model.predict(encoding.encode(rows, "here"), verbose=0), rtol=1e-5)


@pytest.mark.parametrize("has_data", [True, False])
def test_a_model_of_a_series_takes_the_rows_of_windows(has_data: bool, tmp_path: Path) -> None:
    rng, hour = np.random.default_rng(0), pd.date_range("2024-01-01", periods=40, freq="h")
    frame = pd.DataFrame({"hour": hour, "load": rng.normal(5, 2, 40), "open": np.where(hour.hour > 8, "yes", "no")})
    frame.to_csv(tmp_path / "load.csv", index=False)
    settings = {"target": "load", "window": 3, "time": "hour", "calendar": ["day"]}
    node = Node("toonvision.dataset.series.load", {"path": str(tmp_path / "load.csv"), **settings})
    plain = load_dataset(node).preprocessing
    (tmp_path / "tuned.preprocessing.json").write_text(json.dumps(plain))
    layers = [keras.layers.Conv1D(4, 2), keras.layers.GlobalMaxPooling1D(), keras.layers.Dense(1)]
    model = save([keras.Input((3, 5)), *layers], tmp_path)
    if not has_data:
        (tmp_path / "load.csv").unlink()
    done = exported(tmp_path, node)
    assert done.checked == ("40 of its rows" if has_data else "23 made-up rows")
    signature = json.loads((done.folder / "signature.json").read_text())["inputs"]
    assert {tuple(one["shape"]) for one in signature.values()} == {(None, 3)}
    angle = 2 * np.pi * hour.hour[:3] / 24
    given = {
        "load": frame["load"][:3],
        "open": frame["open"][:3],
        "hour__sine_of_day": np.sin(angle),
        "hour__cosine_of_day": np.cos(angle),
    }
    served = tf.saved_model.load(str(done.folder))
    found = served.serve({name: tf.constant(np.asarray(values)[None]) for name, values in given.items()})
    x, _ = Windows.from_plain(plain or {}).examples(frame, "here")
    np.testing.assert_allclose(found, model.predict(x[:1], verbose=0), rtol=1e-5)


def test_a_model_of_images_predicts_although_it_flips_while_it_learns(tmp_path: Path) -> None:
    layers = [keras.layers.RandomFlip(), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")]
    model = save([keras.Input((6, 4, 3)), *layers], tmp_path)
    done = exported(tmp_path, Node("toonvision.dataset.arrays.load", {"path": "gone"}))
    assert (done.checked, done.inputs) == ("20 made-up examples", ("examples (float32)",))
    x = np.random.default_rng(1).random((4, 6, 4, 3), dtype=np.float32)
    served = tf.saved_model.load(str(done.folder))
    np.testing.assert_allclose(served.serve(x), model.predict(x, verbose=0), rtol=1e-5)


def test_examples_are_those_of_the_dataset(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "data.npz", x=rng.random((30, 5)), y=np.arange(30) % 3)
    save([keras.Input((5,)), keras.layers.Dense(3)], tmp_path)
    done = exported(tmp_path, Node("toonvision.dataset.arrays.load", {"path": str(tmp_path / "data.npz")}))
    assert done.checked == "6 of its test examples"


def test_a_model_with_inputs_by_name_keeps_them(tmp_path: Path) -> None:
    inputs = {name: keras.Input((2,), name=name) for name in ("right", "left")}
    keras.Model(inputs, keras.layers.Concatenate()(list(inputs.values()))).save(tmp_path / "tuned.keras")
    done = exported(tmp_path, Node("toonvision.dataset.arrays.load", {"path": "gone"}))
    assert sorted(done.inputs) == ["left (float32)", "right (float32)"]


@pytest.mark.parametrize("found", [np.zeros((20, 2), np.float32), np.full((20, 2), np.nan), np.zeros((1, 2))])
def test_nothing_is_written_if_it_predicts_something_else(
    found: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save([keras.Input((3,)), keras.layers.Dense(2, "softmax")], tmp_path)
    monkeypatch.setattr(export, "predict_exported", lambda *_: found)
    with pytest.raises(SearchError, match=r"tuned\.keras in the format savedmodel: expected (the )?predictions of"):
        exported(tmp_path, Node("toonvision.dataset.arrays.load", {"path": "gone"}))
    assert list((tmp_path / "new").iterdir()) == []


def test_a_model_that_keras_cannot_export_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("no such operation\nand more")

    save([keras.Input((3,)), keras.layers.Dense(2)], tmp_path)
    monkeypatch.setattr(keras.Model, "export", fail)
    with pytest.raises(SearchError, match=r"that Keras can export as tf_saved_model\. Received: no such operation\.$"):
        exported(tmp_path, Node("toonvision.dataset.arrays.load", {"path": "gone"}))


def test_preprocessing_of_another_kind_is_one_message(table: Node, tmp_path: Path) -> None:
    (tmp_path / "tuned.preprocessing.json").write_text('{"kind": "series"}')
    with pytest.raises(DatasetError, match="expected columns, as toonvision writes them beside a model"):
        exported(tmp_path, table)
