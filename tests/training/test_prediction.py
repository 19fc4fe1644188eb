"""`toonvision predict`: what a run's model says of new examples is what plain Keras says of them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from PIL import Image

import toonvision
from tests.conftest import SEARCH
from tests.dataset import made_table, text_folders
from toonvision import cli
from toonvision.dataset import load_dataset
from toonvision.dataset.encoding import Encoding
from toonvision.record.results import Results
from toonvision.training.prediction import input_shape
from toonvision.verdict.activation_maps import load_maps

pytestmark = pytest.mark.training

SHORT = ("tuner.max_trials=1", "training.epochs=1", "training.retrain.seeds=1", "training.retrain.max_epochs=2")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A short run on a table with two classes."""
    folder = tmp_path_factory.mktemp("table")
    frame = made_table.made()
    frame["kind"] = np.array(["no", "yes"])[(frame["price"] > 100).astype(int)]
    frame.to_csv(folder / "table.csv", index=False)
    overrides = (
        "dataset=table",
        f"dataset.path={folder / 'table.csv'}",
        "dataset.target=kind",
        "task=binary",
        "model=mlp",
    )
    return toonvision.run(toonvision.compose([*overrides, "executor=inline", *SEARCH, *SHORT]), folder / "run")


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A short run on a series with a number to predict."""
    folder = tmp_path_factory.mktemp("series")
    loads(60).to_csv(folder / "load.csv", index=False)
    overrides = (
        *("dataset=series", f"dataset.path={folder / 'load.csv'}", "dataset.target=load", "dataset.time=hour"),
        *("dataset.window=4", "dataset.horizon=2", "dataset.calendar=[day]"),
        *("task=regression", "model=series_cnn", "objective=val_mae"),
    )
    return toonvision.run(toonvision.compose([*overrides, "executor=inline", *SEARCH, *SHORT]), folder / "run")


def loads(hours: int) -> pd.DataFrame:
    """Return a load that each hour has, and whether a shop is open."""
    load = np.random.default_rng(0).normal(500, 50, hours)
    hour = pd.date_range("2024-01-01", periods=hours, freq="h")
    return pd.DataFrame({"hour": hour, "load": load, "open": np.where(hour.hour > 8, "yes", "no")})


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A short run on a folder of texts with two classes."""
    folder = text_folders.make_folder(tmp_path_factory.mktemp("texts") / "texts")
    overrides = ("dataset=text_directory", f"dataset.path={folder}", "dataset.sequence_length=8", "model=text_cnn")
    short = ("tuner.max_trials=1", "training.epochs=1", "training.retrain={epochs:1,seeds:1}")
    return toonvision.run(toonvision.compose([*overrides, "executor=inline", *SEARCH, *short]), folder.with_name("run"))


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_rows_of_a_table_are_encoded_as_the_train_rows_were(
    table: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = made_table.made().drop(columns="kind").head(7)
    new.to_csv(tmp_path / "new.csv", index=False)
    assert cli.main(["predict", str(table.directory), "new.csv"]) == 0
    said = lines(capsys.readouterr().out)
    dataset = load_dataset(table.config.default_trial.dataset)
    assert dataset.preprocessing is not None
    x = Encoding.from_plain(dataset.preprocessing).encode(new, "here")
    expected = keras.models.load_model(table.directory / "models" / "tuned.keras").predict(x, verbose=0)[:, 0]
    assert [row["example"] for row in said] == [f"row-{number}" for number in range(1, 8)]
    assert [float(row["yes"]) for row in said] == pytest.approx(expected.tolist(), rel=1e-5)
    assert [float(row["no"]) for row in said] == pytest.approx((1 - expected).tolist(), rel=1e-5, abs=1e-6)
    comparison = table.comparison
    assert comparison is not None
    assert comparison.tuned.duration is not None
    threshold = comparison.tuned.duration.threshold
    assert [row["prediction"] for row in said] == ["yes" if value >= threshold else "no" for value in expected]


def test_an_exported_model_says_of_raw_rows_what_predict_says(
    table: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = made_table.made().drop(columns="kind").tail(20)
    new.loc[50, "color"] = "a colour that no train row has"
    new.to_csv(tmp_path / "new.csv", index=False)
    assert cli.main(["export", str(table.directory), "--output", "served"]) == 0
    assert "60 of its rows: they differ by at most" in capsys.readouterr().out
    raw = {name: tf.constant(new[name].astype(float)) for name in ("size", "count", "flag", "price")}
    raw["color"] = tf.constant(new["color"].fillna("").tolist())
    raw["day"] = tf.constant((pd.to_datetime(new["day"]) - pd.Timestamp("1970-01-01")).dt.days.astype(float))
    loaded = tf.saved_model.load("served")
    served = loaded.serve(raw).numpy()[:, 0]
    said = toonvision.predict(table.directory, tmp_path / "new.csv")
    np.testing.assert_allclose(served, said.outputs[:, 1], rtol=1e-5)


def test_predicting_says_where_the_saved_model_is_served(
    table: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made_table.made().head(3).to_csv(tmp_path / "new.csv", index=False)
    assert cli.main(["predict", str(table.directory), "new.csv"]) == 0
    said = capsys.readouterr().err
    assert "models/tuned.keras predicts wherever Keras runs" in said
    assert "toonvision export writes it for TensorFlow Serving" in said


def test_a_forecast_is_made_of_each_row_with_a_full_window(
    series: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = loads(67).tail(7).reset_index(drop=True)
    new.iloc[::-1].to_csv(tmp_path / "new.csv", index=False)  # the newest row first
    assert cli.main(["predict", str(series.directory), "new.csv"]) == 0
    said = lines(capsys.readouterr().out)
    assert [row["example"] for row in said] == ["row-1", "row-2", "row-3", "row-4"]
    dataset = load_dataset(series.config.default_trial.dataset)
    assert dataset.preprocessing is not None
    angle = 2 * np.pi * new["hour"].dt.hour / 24
    seen = new.assign(**{"hour, sine of day": np.sin(angle), "hour, cosine of day": np.cos(angle)})
    encoded = Encoding.from_plain(dataset.preprocessing["encoding"]).encode(seen, "here")
    x = np.stack([encoded[last - 3 : last + 1] for last in (6, 5, 4, 3)])
    expected = keras.models.load_model(series.directory / "models" / "tuned.keras").predict(x, verbose=0)[:, 0]
    assert [float(row["load"]) for row in said] == pytest.approx(expected.tolist(), rel=1e-5)


def test_too_few_rows_for_a_forecast_are_one_message(
    series: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loads(3).to_csv(tmp_path / "new.csv", index=False)
    assert cli.main(["predict", str(series.directory), "new.csv"]) == 1
    assert "expected at least 4 rows, which the model sees. Received: 3 rows" in capsys.readouterr().err


def test_the_baseline_can_be_asked_and_a_file_be_written(table: Results, tmp_path: Path) -> None:
    made_table.made().head(3).to_parquet(tmp_path / "new.parquet")
    command = ["predict", str(table.directory), "new.parquet", "--model", "baseline", "--output", "said.csv"]
    assert cli.main(command) == 0
    assert len(lines((tmp_path / "said.csv").read_text())) == 3
    tuned = toonvision.predict(table.directory, tmp_path / "new.parquet")
    baseline = toonvision.predict(table.directory, tmp_path / "new.parquet", model="baseline")
    assert (tuned.outputs != baseline.outputs).any()


def test_a_run_on_images_keeps_where_both_models_look(trained: Results) -> None:
    examples = len(load_dataset(trained.config.default_trial.dataset).test)
    for role in ("baseline", "tuned"):
        maps = load_maps(trained.directory, role, examples)
        assert maps is not None
        assert maps.max() == 255


def test_images_and_arrays_are_read_as_the_model_takes_them(trained: Results, tmp_path: Path) -> None:
    test = load_dataset(trained.config.default_trial.dataset).test
    model = keras.models.load_model(trained.directory / "models" / "tuned.keras")
    expected = model.predict(test.x[:5], verbose=0)
    np.save(tmp_path / "five.npy", test.x[:5])
    said = toonvision.predict(trained.directory, tmp_path / "five.npy")
    np.testing.assert_allclose(said.outputs, expected, rtol=1e-5, atol=1e-7)
    (tmp_path / "pictures").mkdir()
    for index in range(5):
        Image.fromarray(np.repeat(test.x[index], 3, axis=-1)).save(tmp_path / "pictures" / f"{index}.png")
    pictures = toonvision.predict(trained.directory, tmp_path / "pictures")
    assert pictures.examples == tuple(f"{index}.png" for index in range(5))
    np.testing.assert_allclose(pictures.outputs, expected, rtol=1e-4, atol=1e-6)
    assert pictures.named == tuple(str(index) for index in expected.argmax(axis=1))
    assert toonvision.predict(trained.directory, tmp_path / "pictures" / "3.png").named == (pictures.named or ())[3:4]


def test_texts_become_the_ids_that_keras_makes_with_the_words_of_the_run(texts: Results, tmp_path: Path) -> None:
    new = {"a.txt": "A WITTY film; slow actors!", "deep/b.txt": "number 3, number 4 and a film with xyzzy in it"}
    (tmp_path / "new" / "deep").mkdir(parents=True)
    for name, text in new.items():
        (tmp_path / "new" / name).write_text(text)
    kept = json.loads((texts.directory / "models" / "tuned.preprocessing.json").read_text())
    (column,) = kept["columns"]
    layer = keras.layers.TextVectorization(vocabulary=column["words"], output_sequence_length=column["sequence_length"])
    model = keras.models.load_model(texts.directory / "models" / "tuned.keras")
    expected = model.predict(np.array(layer(list(new.values())), dtype=np.int32), verbose=0)
    said = toonvision.predict(texts.directory, tmp_path / "new")
    assert said.examples == tuple(new)
    np.testing.assert_allclose(said.outputs, expected, rtol=1e-5, atol=1e-7)
    assert said.named == tuple(["bad", "good"][index] for index in expected.argmax(axis=1))
    one = toonvision.predict(texts.directory, tmp_path / "new" / "deep" / "b.txt")
    np.testing.assert_allclose(one.outputs, expected[1:], rtol=1e-4, atol=1e-6)
    pd.DataFrame({"text": new.values()}).to_csv(tmp_path / "new.csv", index=False)
    np.testing.assert_array_equal(toonvision.predict(texts.directory, tmp_path / "new.csv").outputs, said.outputs)


def test_the_inputs_of_a_model_have_their_names_if_there_are_several() -> None:
    inputs = {name: keras.Input((size,), name=name) for name, size in (("right", 2), ("left", 3))}
    joined = keras.layers.Concatenate()(list(inputs.values()))
    for given in (inputs, list(inputs.values())):
        assert input_shape(keras.Model(given, joined)) == {"right": (2,), "left": (3,)}
    assert input_shape(keras.Sequential([keras.Input((4, 1)), keras.layers.Flatten()])) == (4, 1)
    assert input_shape(keras.Model(inputs["left"], keras.layers.Dense(1)(inputs["left"]))) == (3,)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: np.save(folder / "new", np.zeros((2, 8, 8, 1))), "an array of shape (n, 32, 32, 1)"),
        (lambda folder: np.save(folder / "new", np.array([{}])), "expected arrays of numbers"),
    ],
)
def test_what_cannot_be_predicted_is_one_message(
    make: Any, message: str, trained: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path)
    assert cli.main(["predict", str(trained.directory), "new.npy"]) == 1
    assert message in capsys.readouterr().err.replace("\n", " ")


def test_pictures_that_cannot_be_read_are_named(
    trained: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pictures").mkdir()
    assert cli.main(["predict", str(trained.directory), "pictures"]) == 1
    assert "expected images" in capsys.readouterr().err
    (tmp_path / "pictures" / "broken.png").write_bytes(b"nothing")
    assert cli.main(["predict", str(trained.directory), "pictures"]) == 1
    assert "broken.png: " in capsys.readouterr().err


def test_a_table_without_a_column_is_one_message(
    table: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pd.DataFrame({"size": [1.0]}).to_csv(tmp_path / "new.csv", index=False)
    assert cli.main(["predict", str(table.directory), "new.csv"]) == 1
    assert "Received: no count, no color, no day, no flag, no price" in capsys.readouterr().err.replace("\n", " ")


def test_a_file_that_is_missing_is_named_with_the_near_one(
    table: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new.csv").touch()
    assert cli.main(["predict", str(table.directory), "nw.csv"]) == 2
    said = capsys.readouterr().err.replace("\n", " ")
    assert "DATA: expected an existing file or folder. Received: 'nw.csv'" in said
    assert "Did you mean 'new.csv'?" in said
