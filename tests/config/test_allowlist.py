"""The allowlist: import paths that a `_target_` may name, and paths that an attacker might try."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from toonvision.config.allowlist import target_problem
from toonvision.config.trust import TRUSTED_VARIABLE, trust
from toonvision.errors import ConfigError

Package = Callable[..., str]


def check_allowed(target: str, path: str) -> None:
    """Raise ConfigError if a configuration may not name the target."""
    if problem := target_problem(target, path):
        raise ConfigError(problem)


@pytest.fixture(autouse=True)
def _nothing_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, "")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Package]:
    """Write a package with the given source. Each test has its own package name, because read modules are cached."""
    name = f"package_of_{abs(hash(request.node.nodeid))}"

    def write(source: str) -> str:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(source)
        return name

    monkeypatch.syspath_prepend(tmp_path)
    yield write
    sys.modules.pop(name, None)


@pytest.mark.parametrize(
    "target",
    [
        "keras.Sequential",
        "keras.layers.Dense",
        "keras.activations.relu",
        "keras.optimizers.SGD",
        "keras.optimizers.schedules.ExponentialDecay",
        "keras.losses.SparseCategoricalCrossentropy",
        "keras.metrics.SparseCategoricalAccuracy",
        "keras.callbacks.EarlyStopping",
        "keras.initializers.HeNormal",
        "keras.regularizers.L2",
        "keras.applications.MobileNetV2",
        "keras_tuner.oracles.RandomSearchOracle",
        "optuna.storages.RDBStorage",
        "optuna.storages.journal.JournalFileBackend",
        "optuna.pruners.MedianPruner",
        "optuna.samplers.TPESampler",
        "toonvision.executor.inline.InlineExecutor",
        "toonvision.executor.processes.ProcessesExecutor",
        "toonvision.executor.dask.DaskExecutor",
        "toonvision.executor.ray.RayExecutor",
        "toonvision.executor.slurm.SlurmExecutor",
        "toonvision.dataset.digits.load",
        "toonvision.oracle.hyperband.HyperbandOracle",
        "toonvision.report.trials_csv.write",
    ],
)
def test_a_target_in_an_allowed_module_is_accepted(target: str) -> None:
    check_allowed(target, "here")


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "builtins.eval",
        "subprocess.Popen",
        "functools.partial",
        "importlib.import_module",
        "runpy.run_path",
        "hydra.utils.instantiate",
        "hydra.utils.get_method",
        "toonvision.config.compose.instantiate",
        "toonvision.config.allowlist.trust",
        "keras.saving.load_model",
        "keras.saving.deserialize_keras_object",
        "keras.saving.register_keras_serializable",
        "keras.models.load_model",
        "keras.models.model_from_json",
        "keras.config.enable_unsafe_deserialization",
        "keras.utils.get_file",
        "keras.legacy.saving.serialization.deserialize_keras_object",
        "keras.src.utils.python_utils.func_load",  # a function from a marshalled string
        "keras.src.layers.Dense",
        "keras_tuner.src.utils.os.system",
        "optuna.cli.main",
        "distributed.Client",  # its keyword `preload` is code
        "submitit.helpers.CommandFunction",
        "ray.init",
        "loky.cloudpickle_wrapper.loads",
        "concurrent.futures.process.mp",
        "keras",
        "keras.layersx.Dense",
        "keras.layers.core._private.Thing",
        "optuna.storages._rdb.storage.RDBStorage",
        "Dense",
        "",
        ".keras.layers.Dense",
    ],
)
def test_a_target_outside_the_allowed_modules_is_refused_with_its_key_and_how_to_trust_it(target: str) -> None:
    with pytest.raises(ConfigError) as raised:
        check_allowed(target, "model.x._target_")
    message = str(raised.value)
    assert message.startswith("model.x._target_: expected an import path ")
    assert f"Received: {target!r}." in message
    assert f"{TRUSTED_VARIABLE}=my_package" in message
    assert "toonvision.trust(" in message


def test_the_message_names_the_libraries_or_what_is_allowed_of_the_one_that_was_meant() -> None:
    with pytest.raises(ConfigError, match=r"expected an import path in keras, keras_tuner, optuna, toonvision\. Rec"):
        check_allowed("os.system", "here")
    with pytest.raises(ConfigError, match=r"expected an import path below optuna\.pruners, optuna\.samplers, "):
        check_allowed("optuna.create_study", "here")


@pytest.mark.parametrize(
    "target",
    [
        "keras.layers.Lambda",
        "keras.layers.TFSMLayer",
        "keras.layers.TorchModuleWrapper",
        "keras.layers.JaxLayer",
        "keras.layers.FlaxLayer",
        "keras.layers.deserialize",
        "keras.losses.get",
        "keras.optimizers.schedules.deserialize",
        "keras.callbacks.BackupAndRestore",
        "toonvision.dataset.cache.cached",
        "toonvision.dataset.keras_dataset.cached",
    ],
)
def test_a_target_that_runs_code_or_deletes_files_is_refused_in_an_allowed_module(target: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"^here: expected another target\. Received: '{target}'\. .*{TRUSTED_VARIABLE}="
    ):
        check_allowed(target, "here")


@pytest.mark.parametrize(
    "target",
    [
        "keras.layers.os.system",
        "keras.callbacks.X.os",
        "keras.layers.Dense.from_config",
        "keras.layers.Dense.__init__.__globals__",
        "keras.layers",
        "keras.layers.",
        "keras.layers..Dense",
        "keras.layers./../Dense",
        "keras.layers.${oc.env:HOME}",
        "toonvision.dataset.cache.os.system",
        "toonvision.executor.dask.Client",
        "toonvision.executor.processes.ProcessPoolExecutor",
        "toonvision.executor.ray.run",
        "toonvision.executor.slurm.subprocess.run",
        "toonvision.executor.slurm.submitit.helpers.CommandFunction",
        "toonvision.executor.call.run",
        "toonvision.dataset.cache.os",
        "toonvision.dataset.cache.shutil.rmtree",
        "keras_tuner.oracles",
    ],
)
def test_a_path_that_is_no_class_or_function_of_an_allowed_module_is_refused(target: str) -> None:
    with pytest.raises(ConfigError, match=r"^here: expected "):
        check_allowed(target, "here")


def test_a_reexported_name_is_checked_at_its_definition() -> None:
    with pytest.raises(ConfigError, match=r"It leads to toonvision\.config\.node\.instantiate\."):
        check_allowed("toonvision.dataset.dataset.instantiate", "here")


@pytest.mark.parametrize(
    ("line", "origin"), [("subprocess import run", "subprocess.run"), ("time import sleep", "time.sleep")]
)
def test_a_name_that_a_trusted_module_reexports_is_checked_at_its_definition(
    package: Package, line: str, origin: str
) -> None:
    name = package(f"from {line} as innocent\n")
    trust(name)
    with pytest.raises(ConfigError, match=rf"It leads to {origin}\."):
        check_allowed(f"{name}.innocent", "here")


def test_the_nearest_module_is_suggested() -> None:
    with pytest.raises(ConfigError, match=r"Did you mean 'keras\.layers'\?"):
        check_allowed("kears.layers.Dense", "here")


def test_the_nearest_class_is_suggested() -> None:
    with pytest.raises(ConfigError, match=r"Received: 'keras\.layers\.Desne'\. Did you mean 'Dense'\?"):
        check_allowed("keras.layers.Desne", "here")


def test_checking_a_target_does_not_import_its_module(package: Package, tmp_path: Path) -> None:
    name = package("import pathlib\npathlib.Path('ran').touch()\nclass Thing: pass\n")
    trust(name)
    check_allowed(f"{name}.Thing", "here")
    assert name not in sys.modules
    assert not (tmp_path / "ran").exists()


def test_trust_allows_public_and_private_names_of_a_package(package: Package) -> None:
    name = package("class Thing: pass\nclass _Hidden: pass\n")
    with pytest.raises(ConfigError):
        check_allowed(f"{name}.Thing", "here")
    trust("another", name)
    check_allowed(f"{name}.Thing", "here")
    check_allowed(f"{name}._Hidden", "here")


def test_the_environment_variable_allows_packages(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    name = package("def function(): pass\n")
    monkeypatch.setenv(TRUSTED_VARIABLE, f"another, {name} ,")
    check_allowed(f"{name}.function", "here")


def test_trust_is_passed_to_child_processes_by_the_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TRUSTED_VARIABLE, "first")
    trust("second", "first")
    assert os.environ[TRUSTED_VARIABLE] == "first,second"


def test_trust_in_a_package_does_not_allow_a_package_with_a_longer_name(package: Package) -> None:
    name = package("class Thing: pass\n")
    trust(name[:-1])
    with pytest.raises(ConfigError, match="expected an import path in"):
        check_allowed(f"{name}.Thing", "here")


def test_trust_in_one_refused_class_does_not_allow_another() -> None:
    trust("keras.layers.Lambda")
    check_allowed("keras.layers.Lambda", "here")
    with pytest.raises(ConfigError):
        check_allowed("keras.layers.TFSMLayer", "here")


def test_trust_in_one_module_of_a_library_does_not_allow_the_others() -> None:
    trust("keras.ops")
    check_allowed("keras.ops.relu", "here")
    with pytest.raises(ConfigError):
        check_allowed("keras.utils.get_file", "here")
