"""`toonvision predict` and `export`: what is wrong is said before Keras is asked for anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import toonvision
from tests.synthetic_run import completed_run, synthetic_run
from toonvision import cli
from toonvision.dataset import load_dataset
from toonvision.record.results import Results


@pytest.fixture(autouse=True)
def _without_keras(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("Keras is loaded")

    if request.node.get_closest_marker("training") is None:
        monkeypatch.setattr("toonvision.inference.load_backend", fail)


def test_a_model_that_no_run_has_is_an_error() -> None:
    with pytest.raises(toonvision.ConfigError, match=r"^model: expected one of baseline, tuned\. Received: 'tunde'\."):
        toonvision.export("run", model="tunde")
    with pytest.raises(toonvision.ConfigError, match=r"^model: .* Did you mean 'tuned'\?"):
        toonvision.predict("run", "new.csv", model="tunde")


def test_a_format_that_keras_does_not_write_is_an_error() -> None:
    with pytest.raises(toonvision.ConfigError, match=r"^format: expected one of savedmodel, onnx, litert"):
        toonvision.export("run", format="saved_model")


def test_a_folder_that_exists_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "run" / "export" / "tuned-savedmodel").mkdir(parents=True)
    with pytest.raises(toonvision.ConfigError, match=r"^output: expected a folder that does not exist yet\. Received"):
        toonvision.export("run")
    with pytest.raises(toonvision.ConfigError, match=r"^output: .* Received: '\.'\."):
        toonvision.export("run", output=".")


def test_a_run_that_has_not_ended_has_no_model(tmp_path: Path) -> None:
    synthetic_run(tmp_path / "run", trials=3)
    with pytest.raises(toonvision.SearchError, match=r"a run that has ended, with its models\. Received: no compar"):
        toonvision.export("run")


def test_a_run_whose_models_are_gone_is_an_error(tmp_path: Path) -> None:
    completed_run(tmp_path / "run", trials=3)
    with pytest.raises(toonvision.SearchError, match=r"models/tuned\.keras: expected a saved model\. Received: no suc"):
        toonvision.export("run")


@pytest.mark.training
def test_a_model_of_images_is_exported_by_the_command(
    trained: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["export", str(trained.directory), "--model", "baseline", "--format", "savedmodel"]
    assert cli.main([*command, "--output", str(tmp_path / "served")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"Written to {tmp_path / 'served'}, for TensorFlow Serving, or")
    assert lines[1].startswith("Its predictions are those of the saved model for 100 of its test examples: they differ")
    test = load_dataset(trained.config.default_trial.dataset).test
    np.save(tmp_path / "five.npy", test.x[:5])
    said = toonvision.predict(trained.directory, tmp_path / "five.npy", model="baseline")
    served = tf.saved_model.load(str(tmp_path / "served"))
    np.testing.assert_allclose(served.serve(test.x[:5].astype(np.float32)), said.outputs, rtol=1e-5, atol=1e-6)
