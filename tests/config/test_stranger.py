"""What a stranger's configuration may not say is refused, wherever it stands; a trusted project may say it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from omegaconf import OmegaConf

from toonvision.cli import main
from toonvision.config.compose import compose
from toonvision.config.directory import config_directory
from toonvision.config.jobs import compose_jobs, open_source
from toonvision.config.read import read_config
from toonvision.config.stranger import recorded_problems
from toonvision.config.trust import TRUSTED_VARIABLE
from toonvision.errors import ConfigError
from toonvision.record.resume import resumed_config

# A key, and the value that a stranger may not give to it. One line a case.
REFUSED = [
    # Hydra runs, imports or writes what its own node says.
    ("hydra.callbacks.x", "{_target_: os.system, command: id}"),
    ("hydra.callbacks.x", "{_target_: keras.callbacks.EarlyStopping}"),
    ("hydra.callbacks.x", "${dataset}"),
    ("hydra.callbacks", "[{_target_: os.system}]"),
    ("hydra.job.env_set.PYTHONPATH", "evil"),
    ("hydra.job.env_set.LD_PRELOAD", "evil.so"),
    ("hydra.job.env_set.OMP_NUM_THREADS", "1"),
    ("hydra.job.env_set.TOONVISION_TRUSTED", "os"),
    ("hydra.job.env_copy", "[HOME]"),
    ("hydra.job.chdir", "true"),
    ("hydra.job.config.override_dirname.kv_sep", "/"),
    ("hydra.hydra_logging.formatters.x", "{(): os.system}"),
    ("hydra.hydra_logging.handlers.console.stream", "ext://os.environ"),
    ("hydra.job_logging.handlers.x", "{class: logging.FileHandler, filename: evil.pth}"),
    ("hydra.job_logging.handlers.file.filename", "/tmp/evil"),
    ("hydra.job_logging.root.level", "DEBUG"),
    ("hydra.launcher._target_", "os.system"),
    ("hydra.launcher", "{_target_: hydra_plugins.mine.Launcher}"),
    ("hydra.sweeper._target_", "os.system"),
    ("hydra.sweeper.params", "{+hydra.callbacks: evil}"),
    ("hydra.mode", "MULTIRUN"),
    ("hydra.output_subdir", "../.."),
    ("hydra.help.template", "text"),
    ("hydra.verbose", "true"),
    ("hydra.runtime.output_dir", "/tmp"),
    ("hydra", "null"),
    # A run is written below the working directory.
    ("hydra.run.dir", "/tmp/elsewhere"),
    ("hydra.run.dir", "../elsewhere"),
    ("hydra.run.dir", "outputs/../../elsewhere"),
    ("hydra.run.dir", "~/elsewhere"),
    ("hydra.run.dir", "${oc.env:HOME}"),
    ("hydra.run.dir", "${dataset.path}"),
    ("hydra.run.dir", "''"),
    ("hydra.sweep.dir", "/tmp/elsewhere"),
    ("hydra.sweep.dir", "outputs/${oc.env:HOME}"),
    ("hydra.sweep.subdir", "../../elsewhere"),
    ("hydra.job.name", "../../elsewhere"),
    ("hydra.job.name", "a/b"),
    ("hydra.job.name", "${oc.env:HOME}"),
    # A function in an interpolation reads the environment, or makes what no check sees.
    ("seed", "${oc.env:SEED}"),
    ("training.epochs", "${oc.decode:'1'}"),
    ("dataset", "\"${oc.create:'{_target_: os.system}'}\""),
    ("dataset.path", "prefix-${oc.env:HOME}"),
    ("dataset.path", "${oc.env:${seed}}"),
    ("dataset.path", "${${seed}:HOME}"),
    ("dataset.path", "${hydra:runtime.cwd}"),
    ("dataset.path", "${oc.select:seed}"),
    ("model.blocks.x.layers.y.name", "[{deep: ['${oc.env:HOME}']}]"),
    # Another machine.
    ("executor.address", "tcp://10.0.0.1:8786"),
    ("executor.address", "${dataset.path}"),
    ("executor", "{_target_: toonvision.executor.dask.DaskExecutor, address: 'tcp://10.0.0.1:8786'}"),
    ("executor", "{_target_: toonvision.executor.ray.RayExecutor, address: auto}"),
    ("executor", "${dataset}"),
    ("executor.folder", "/tmp/elsewhere"),
    ("executor.folder", "~/.ssh"),
    ("tracker.tracking_uri", "http://10.0.0.1"),
    ("tracker", "{_target_: toonvision.tracker.mlflow.MLflowTracker, tracking_uri: 'file:///etc'}"),
    ("tracker", "${dataset}"),
    ("tracker.experiment", "${dataset.path}"),
    # A storage that is no file of the run.
    ("storage.url", "postgresql://10.0.0.1/study"),
    ("storage.url", "sqlite:////tmp/elsewhere.db"),
    ("storage.url", "sqlite:///study.db"),
    ("storage.url", "sqlite:///{directory}/../elsewhere.db"),
    ("storage.url", "sqlite:///{directory}/study.db?mode=rw"),
    ("storage.url", "sqlite:///file:/tmp/x?uri=true"),
    ("storage.url", "${dataset.path}"),
    ("storage.log_storage.file_path", "/tmp/elsewhere"),
    ("storage.log_storage.file_path", "'{directory}/../elsewhere'"),
    ("storage.log_storage.lock_obj", "{_target_: optuna.storages.journal.JournalFileOpenLock, filepath: /tmp/x}"),
    ("storage.log_storage", "{_target_: optuna.storages.journal.JournalRedisBackend, url: 'redis://10.0.0.1'}"),
    ("storage", "{_target_: optuna.storages.GrpcStorageProxy, host: 10.0.0.1}"),
    ("storage", "{_target_: optuna.storages.InMemoryStorage}"),
    ("storage.engine_kwargs.connect_args", "{factory: os.system}"),
    ("storage.engine_kwargs", "{creator: os.system}"),
    ("storage.failed_trial_callback", "{_target_: optuna.storages.RetryFailedTrialCallback}"),
    ("storage", "${dataset}"),
    # Keras writes to, loads from or downloads from these.
    ("training.callbacks.x", "{_target_: keras.callbacks.ModelCheckpoint, filepath: /tmp/elsewhere.keras}"),
    ("training.callbacks.x", "{_target_: keras.callbacks.TensorBoard, log_dir: /tmp/elsewhere}"),
    ("training.retrain.callbacks.x", "{_target_: keras.callbacks.ModelCheckpoint, filepath: x.keras}"),
    ("model.blocks.x.layers.y", "{_target_: keras.applications.VGG16, weights: imagenet}"),
    ("model.blocks.x.layers.y", "{_target_: keras.applications.VGG16, weights: /etc/passwd}"),
    ("model.blocks.x.layers.y", "{_target_: keras.applications.VGG16}"),
    ("model.blocks.x.layers.y", "{_target_: keras.applications.VGG16, weights: [imagenet]}"),
    ("model.blocks.x.layers.y", "{_target_: keras.layers.StringLookup, vocabulary: /etc/passwd}"),
    ("training.callbacks.x", "{_target_: keras.callbacks.ModelCheckpoint, _args_: [/tmp/elsewhere.keras]}"),
    ("training.callbacks.x", "{_target_: keras.callbacks.TensorBoard}"),
    ("training.callbacks.x", "{_target_: keras.callbacks.OrbaxCheckpoint, directory: /tmp/elsewhere}"),
    ("executor.address", "['tcp://10.0.0.1:8786']"),
    ("executor.address", "{host: 10.0.0.1}"),
    ("training.callbacks.x", "{_target_: toonvision.executor.dask.DaskExecutor, address: 'tcp://10.0.0.1:1'}"),
    ("model.output", "{_target_: toonvision.tracker.mlflow.MLflowTracker, tracking_uri: 'http://10.0.0.1'}"),
    ("dataset", "{_target_: optuna.storages.RDBStorage, url: 'postgresql://10.0.0.1'}"),
    # A target that an interpolation makes.
    ("dataset._target_", "toonvision.executor.${seed}"),
    ("model.output._target_", "${dataset.path}"),
    ("training.optimizer._target_", "${.library}.optimizers.Adam"),
    ("training.optimizer._target_", "ke${seed}.optimizers.Adam"),
]
ALLOWED = [
    ("hydra.run.dir", "outputs/${now:%Y-%m-%d}/${hydra.job.name}"),
    ("hydra.run.dir", "results/mine v1.2"),
    ("hydra.sweep.dir", "sweeps/${hydra.job.id}"),
    ("hydra.sweep.subdir", "${hydra.job.num}/${hydra.job.override_dirname}"),
    ("hydra.job.name", "mine"),
    ("seed", "7"),
    ("training.optimizer._target_", "keras.optimizers.${search_space.optimizer}"),
    ("training.batch_size", "${search_space.batch_size}"),
    ("dataset.path", "${.folder}/of $5"),
    ("dataset.path", "images[0] ${a.b-c}"),
    ("executor", "{_target_: toonvision.executor.dask.DaskExecutor, address: null, workers: 2}"),
    ("executor.folder", "~/.cache/toonvision"),
    ("tracker", "null"),
    ("tracker", "{_target_: toonvision.tracker.mlflow.MLflowTracker, tracking_uri: null, experiment: mine}"),
    ("storage.url", "sqlite:///{directory}/study.db"),
    ("storage.engine_kwargs.connect_args.timeout", "120"),
    (
        "storage",
        "{_target_: optuna.storages.JournalStorage, log_storage: "
        "{_target_: optuna.storages.journal.JournalFileBackend, file_path: '{directory}/study.journal'}}",
    ),
    ("model.blocks.x.layers.y", "{_target_: keras.applications.VGG16, weights: null}"),
]


def nested(path: str, value: str) -> dict[str, object]:
    """Return the configuration in which only this key is set, to a value in YAML."""
    node: object = yaml.safe_load(value)
    for key in reversed(path.split(".")):
        node = {key: node}
    assert isinstance(node, dict)
    return node


@pytest.mark.parametrize(("path", "value"), REFUSED)
def test_a_stranger_may_not_say(path: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problems = recorded_problems(nested(path, value), tmp_path)
    assert problems
    assert all(problem.path.startswith(path) for problem in problems)
    assert all(problem.hint.endswith("toonvision trust.") for problem in problems)
    monkeypatch.setenv(TRUSTED_VARIABLE, str(tmp_path))
    assert recorded_problems(nested(path, value), tmp_path) == []


@pytest.mark.parametrize(("path", "value"), ALLOWED)
def test_a_stranger_may_say(path: str, value: str, tmp_path: Path) -> None:
    assert recorded_problems(nested(path, value), tmp_path) == []


def test_a_modules_name_is_refused_if_only_the_project_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("project", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "project" / "module_of_the_project.py").write_text("class Layer: ...\n")
    monkeypatch.syspath_prepend(tmp_path / "project")
    tree = nested("model.output._target_", "module_of_the_project.Layer")
    assert recorded_problems(tree, tmp_path / "other") == []  # the allowlist refuses it
    monkeypatch.setenv(TRUSTED_VARIABLE, str(tmp_path / "project"))
    assert len(recorded_problems(tree, tmp_path / "other")) == 1
    assert recorded_problems(tree, tmp_path / "project") == []


EVIL = "# @package _global_\nhydra: {callbacks: {x: {_target_: builtins.open, file: opened, mode: w}}}\n"


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


@pytest.mark.parametrize(
    ("path", "text", "place"),
    [
        ("experiment/mine.yaml", EVIL, "hydra.callbacks.x"),
        ("experiment/mine.yaml", "# @package hydra.callbacks\nx: {_target_: os.system}\n", "hydra.callbacks.x"),
        ("experiment/mine.yaml", "# @package executor\naddress: tcp://10.0.0.1:1\n", "executor.address"),
        ("experiment/mine.yaml", "# @package _global_\nexecutor: {address: 'tcp://10.0.0.1:1'}\n", "executor.address"),
        ("experiment/mine.yaml", "# @package _global_\ndefaults: [{override /executor: mine}]\n", "executor.address"),
        ("experiment/mine.yaml", "defaults: [{/tuner@hydra.callbacks.x: tpe}]\n", "defaults"),
        (
            "experiment/mine.yaml",
            "# @package _global_\ndefaults: [{override /hydra/job_logging: stdout}]\n",
            "defaults",
        ),
        ("experiment/mine.yaml", "defaults: [/hydra/job_logging/stdout]\n", "defaults"),
        ("experiment/mine.yaml", "defaults: [{/executor@hydra: inline}]\n", "defaults"),
    ],
)
def test_a_strangers_file_is_checked_where_hydra_puts_it(path: str, text: str, place: str) -> None:
    write(f"conf/{path}", text)
    write("conf/executor/mine.yaml", "_target_: toonvision.executor.dask.DaskExecutor\naddress: 10.0.0.1\n")
    with pytest.raises(ConfigError, match=rf"{place}.*: expected nothing that only a trusted configuration may say"):
        compose_jobs(open_source(), ["experiment=mine"], is_sweep=False)


@pytest.mark.parametrize(("extra", "words"), [("more", []), (None, ["hydra.searchpath=[file://more]"])])
def test_every_folder_of_options_may_be_a_strangers(extra: str | None, words: list[str]) -> None:
    write("more/experiment/mine.yaml", EVIL)
    with pytest.raises(ConfigError, match=r"hydra\.callbacks\.x"):
        compose_jobs(open_source(extra=extra), ["experiment=mine", *words], is_sweep=False)


def test_the_same_file_composes_in_a_trusted_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("conf/experiment/mine.yaml", "# @package _global_\nexecutor: {address: '${oc.env:HOME}'}\n")
    words = ["experiment=mine", "executor=dask"]
    with pytest.raises(ConfigError, match=r"executor\.address"):
        compose(words)
    monkeypatch.setenv(TRUSTED_VARIABLE, str(tmp_path))
    assert compose(words).executor.address


def test_the_command_line_may_say_it() -> None:
    cfg = compose(["executor=dask", "executor.address=tcp://10.0.0.1:8786", "storage.url=postgresql://db/study"])
    assert cfg.executor.address == "tcp://10.0.0.1:8786"


def test_a_file_that_is_not_chosen_is_not_checked() -> None:
    write("conf/experiment/other.yaml", EVIL)
    assert compose(["experiment=smoke"])


@pytest.mark.parametrize("default", ["/../there/experiment/mine", "../../there/experiment/mine"])
def test_a_packaged_name_that_leads_elsewhere_is_checked(default: str) -> None:
    write("there/experiment/mine.yaml", EVIL)
    write("conf/experiment/mine.yaml", f"defaults: [{default}]\n")
    with pytest.raises(ConfigError):
        compose(["experiment=mine"])


@pytest.mark.parametrize("entry", ["pkg://os", "pkg://hydra_plugins.mine", "structured://x"])
def test_the_search_path_is_of_folders(entry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = rf"^hydra\.searchpath: expected folders, each as file://FOLDER\. Received: '{entry}'"
    with pytest.raises(ConfigError, match=expected):
        compose([f"hydra.searchpath=['{entry}']"])
    write("conf-of-mine/config.yaml", f"hydra: {{searchpath: ['{entry}']}}\n")
    with pytest.raises(ConfigError, match=r"^hydra\.searchpath: expected nothing that only a trusted"):
        compose_jobs(open_source("conf-of-mine"), [], is_sweep=False)
    monkeypatch.setenv(TRUSTED_VARIABLE, str(tmp_path))
    with pytest.raises(ConfigError, match=expected):
        compose_jobs(open_source("conf-of-mine"), [], is_sweep=False)


def recorded(**changes: str) -> Path:
    """Write the configuration of a run, with some changes, and return the run's directory."""
    cfg = compose([f"{path.replace('__', '.')}={value}" for path, value in changes.items()])
    write("run/.hydra/config.yaml", yaml.safe_dump(OmegaConf.to_container(cfg)))
    return Path("run")


def test_a_strangers_run_is_read_if_its_storage_is_in_it() -> None:
    run = recorded(executor="dask", executor__address="tcp://10.0.0.1:8786")
    assert read_config(run).executor.target.endswith("DaskExecutor")
    with pytest.raises(ConfigError, match=r"^storage\.url: expected nothing that only"):
        read_config(recorded(storage__url="postgresql://10.0.0.1/study"))


def test_a_run_with_an_address_resumes_with_that_address_on_the_command_line() -> None:
    run = recorded(executor="dask", executor__address="tcp://10.0.0.1:8786")
    with pytest.raises(ConfigError, match=r"^executor\.address: expected nothing that only"):
        resumed_config(run, [])
    for word in ("executor.address=tcp://10.0.0.2:1", "executor=inline"):
        assert resumed_config(run, [word])[0].executor


def test_no_command_imports_from_the_working_directory(tmp_path: Path) -> None:
    write("hydra_plugins/mine.py", "open('imported', 'w')\n")
    write("optuna.py", "open('imported', 'w')\n")
    command = [sys.executable, "-m", "toonvision", "--cfg", "job"]
    root = str(config_directory().resolve().parent)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONPATH": root, "HOME": "/x"})
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "imported").exists()


def test_the_help_runs_nothing_that_a_stranger_names() -> None:
    write("conf/experiment/mine.yaml", EVIL)
    assert main(["--help", "experiment=mine"]) == 2
    assert not Path("opened").exists()
