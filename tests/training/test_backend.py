"""Keras's backend: which one is imported, which one is refused, and what is seen of its import."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from tests.conftest import QUICK
from toonvision.errors import ConfigError
from toonvision.training.backend import load_backend

# Stand in for Keras, which takes seconds to import; C++ writes to the file of standard error, as they do.
NOISY = """
import os
os.write(2, b"noise of C++ ")
print(os.environ["KERAS_BACKEND"])
"""
OTHERS = [
    pytest.param(name, marks=pytest.mark.skipif(not importlib.util.find_spec(name), reason=f"{name} is not installed"))
    for name in ("jax", "torch")
]
# One model in all trainings, so that JAX compiles it once.
ONE_MODEL = ("search_space=toonvision_cnn_baseline", "search_space.learning_rate={hp: Choice, values: [0.01, 0.001]}")
# Keras itself imports TensorFlow, where it is installed, to save a model.
JOB = """
import sys
import toonvision
from toonvision.training.backend import load_backend
backend, *overrides = sys.argv[1:]
load_backend(backend)
from toonvision.training import final_training
save = final_training._save
def noted(*args):
    print(f"before saving: {sorted({'tensorflow', 'jax', 'torch'} & set(sys.modules))}")
    save(*args)
final_training._save = noted
results = toonvision.run(toonvision.compose([f"backend={backend}", "executor=inline", *overrides]), "run")
assert results.comparison, results
resumed = toonvision.resume("run", ["tuner.max_trials=2"])
assert [trial.status.name for trial in resumed.trials] == ["COMPLETED"] * 2, resumed.trials
"""
LOAD = "from toonvision.training.backend import load_backend; load_backend('tensorflow')"


def import_from(directory: Path, keras: str) -> subprocess.CompletedProcess[str]:
    """Load the backend in a process whose working directory holds another `keras`."""
    (directory / "keras.py").write_text(keras)
    (directory / "keras_tuner.py").write_text("")
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    command = [sys.executable, "-c", LOAD]
    return subprocess.run(command, capture_output=True, text=True, cwd=directory, env=environment, check=False)


def test_a_backend_that_is_not_installed_is_refused_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setitem(sys.modules, "jax", None)
    before = dict(os.environ)
    with pytest.raises(ConfigError) as raised:
        load_backend("jax")
    assert str(raised.value) == "backend: expected an installed one. Received: 'jax'. Install it: pip install jax."
    assert dict(os.environ) == before
    assert "keras" not in sys.modules


def test_keras_is_imported_on_the_backend_and_without_noise(tmp_path: Path) -> None:
    ended = import_from(tmp_path, NOISY)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("tensorflow\n", "", 0)


def test_the_noise_of_an_import_that_fails_is_shown(tmp_path: Path) -> None:
    ended = import_from(tmp_path, NOISY + "raise ImportError('libcudart is missing')")
    assert ended.returncode == 1
    assert ended.stderr.startswith("noise of C++ ")
    assert ended.stderr.endswith("ImportError: libcudart is missing\n")


def test_a_second_backend_in_one_process_is_refused() -> None:
    assert keras.backend.backend() == "tensorflow"
    with pytest.raises(ConfigError, match="backend: expected tensorflow, on which this process already runs"):
        load_backend("jax")


@pytest.mark.engine
def test_deterministic_operations_are_turned_on() -> None:
    code = (
        "import os\nfrom toonvision.training.backend import load_backend\n"
        "load_backend('tensorflow', deterministic=True)\nimport tensorflow as tf\n"
        "try:\n    tf.random.uniform([1])\nexcept RuntimeError as error:\n    print(error, os.environ['XLA_FLAGS'])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Random ops require a seed" in ended.stdout, ended.stderr
    assert ended.stdout.rstrip().endswith("--xla_gpu_deterministic_ops=true")


@pytest.mark.engine
@pytest.mark.parametrize(("variable", "uses_onednn"), [({}, True), ({"TF_ENABLE_ONEDNN_OPTS": "0"}, False)])
def test_tensorflow_computes_with_onednn_unless_the_user_says_no(variable: dict[str, str], uses_onednn: bool) -> None:
    code = f"{LOAD}\nfrom tensorflow.python.framework import test_util\nprint(test_util.IsMklEnabled())"
    environment = {name: value for name, value in os.environ.items() if name != "TF_ENABLE_ONEDNN_OPTS"} | variable
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert ended.stdout == f"{uses_onednn}\n"


@pytest.mark.training
@pytest.mark.engine
@pytest.mark.parametrize("backend", OTHERS)
def test_the_main_job_trains_on_another_backend_and_without_tensorflow(tmp_path: Path, backend: str) -> None:
    quick = [override for override in QUICK if override not in ("tuner.max_trials=2", "report.formats.page=null")]
    overrides = [*quick, "tuner.max_trials=1", *ONE_MODEL]
    command = [sys.executable, "-c", JOB, backend, *overrides]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "oneDNN" not in ended.stderr
    loaded_before_saving = ended.stdout.splitlines()[0]  # beside PyTorch, something imports JAX where it is installed
    assert f"'{backend}'" in loaded_before_saving
    assert "tensorflow" not in loaded_before_saving
    run = tmp_path / "run"
    assert backend in (run / "environment.json").read_text()
    for name in ("models/baseline.keras", "models/predictions.csv", "report/trials.csv", "report/index.html"):
        assert (run / name).exists(), name
    loaded = keras.models.load_model(run / "models" / "tuned.keras")  # by TensorFlow, in this process
    assert loaded.count_params() > 0
