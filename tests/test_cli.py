"""The command line: exit codes, messages, written files, and imported modules."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests import simulation
from tests.article_trials import article_trials
from tests.recorded_run import recorded_run
from tests.simulation import SPACE as SIMULATED_SPACE
from tests.simulation import SimulatedTrials
from toonvision import job
from toonvision.cli import COMMANDS, main
from toonvision.record.results import Results
from toonvision.search.runner import Trainer
from toonvision.trial.trial import Outcome, Reason, TrialStatus

ROOT = Path(__file__).parents[1]
SPACE = (*SIMULATED_SPACE, "executor=inline")
SHORT = ("tuner.max_trials=2", "finalists.count=0", "training.epochs=1", "training.retrain={epochs:1,seeds:1}")
HEAVY_LIBRARIES = {
    *("IPython", "jinja2", "keras", "keras_tuner", "numpy", "optuna", "pandas", "PIL", "plotly", "pyarrow"),
    *("scipy", "sklearn", "sqlalchemy", "tensorboard", "tensorflow"),
}
TABLE = ("dataset=breast_cancer", "model=mlp", "executor=inline", *SHORT)


SIMULATED = simulation.trainer()

TUNERS = "bayesian, cmaes, gp, grid_search, hyperband, nsga2, qmc, random_search, tpe"


def slow_trainer() -> Trainer:
    """Return a trainer whose simulated trials take 0.2 seconds each."""

    def run_trial(*arguments: Any, **keywords: Any) -> Outcome:
        time.sleep(0.2)
        return SimulatedTrials()(*arguments, **keywords)

    return replace(SIMULATED, run_trial=run_trial)


def run_command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    command = [sys.executable, "-m", "toonvision", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate the trials and the comparison of runs in this process."""
    monkeypatch.setattr(job, "KERAS", SIMULATED)


@pytest.mark.training
def test_the_smoke_experiment_prints_the_comparison_and_nothing_on_stderr(tmp_path: Path) -> None:
    process = run_command("experiment=smoke", cwd=tmp_path)
    assert process.returncode == 0
    assert process.stderr == ""
    lines = process.stdout.splitlines()
    counters = [line.split()[2] for line in lines if line.startswith("trial 0")]
    assert list(dict.fromkeys(counters)) in (["1/2", "2/2"], ["0/2", "1/2", "2/2"])  # infeasible trials do not count
    assert any(line.split()[:1] == ["baseline"] for line in lines)
    assert any(line.split()[:2] == ["tuned", "(trial"] for line in lines)
    run = tmp_path / "outputs" / "latest"
    assert run.is_symlink()
    for name in (
        *("summary.json", "study.db", ".hydra/config.yaml", ".hydra/overrides.yaml", "search_space/best.yaml"),
        *("report/trials.csv", "report/trials.json", "report/comparison.json", "report/index.html"),
        *("models/baseline.keras", "models/tuned.keras", "models/predictions.csv", "trials/0000/history.csv"),
    ):
        assert (run / name).is_file(), name
    assert list((run / "tensorboard" / "0001").iterdir())


@pytest.mark.usefixtures("simulated")
def test_a_sweep_over_two_tuners_and_two_datasets_ends_with_a_leaderboard(capsys: pytest.CaptureFixture[str]) -> None:
    axes = ("tuner=random_search,hyperband", "dataset=breast_cancer,digits")
    assert main(["-m", *axes, *(word for word in SPACE if "dataset" not in word), "budget.trials=2"]) == 0
    [path] = Path("outputs").glob("*/*-sweep/leaderboard.csv")
    leaderboard = pd.read_csv(path)
    assert sorted(leaderboard["dataset"]) == ["breast_cancer", "breast_cancer", "digits", "digits"]
    assert list(leaderboard["status"]) == ["COMPLETED"] * 4
    assert "Leaderboard" in capsys.readouterr().out
    for number in range(4):
        assert json.loads((path.parent / str(number) / "summary.json").read_text())["status"] == "COMPLETED"


@pytest.mark.engine
def test_ctrl_c_ends_a_run_with_exit_code_130_and_its_reports_are_written(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom tests.test_cli import SPACE, job, main, slow_trainer\n"
        "job.KERAS = slow_trainer()\nsys.exit(main([*SPACE, 'tuner.max_trials=50']))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("trial 0000")
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate()
    assert running.returncode == 130
    assert errors.splitlines()[-1].startswith("toonvision: interrupted. To go on: toonvision resume outputs/")
    results = Results.load(tmp_path / "outputs" / "latest")
    assert {trial.status.value for trial in results.trials} <= {"COMPLETED", "INTERRUPTED"}
    assert json.loads((results.directory / "summary.json").read_text())["status"] == "INTERRUPTED"
    assert (results.directory / "report" / "trials.csv").is_file()


def test_a_missing_backend_prints_one_message_and_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setitem(sys.modules, "jax", None)
    assert main(["backend=jax"]) == 2
    assert "keras" not in sys.modules
    errors = capsys.readouterr().err
    assert errors == "toonvision: backend: expected an installed one. Received: 'jax'. Install it: pip install jax.\n"


def test_a_folder_that_cannot_be_written_is_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(path: Path, *_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert main(["hydra.run.dir=run"]) == 1
    errors = capsys.readouterr().err
    assert errors.endswith("run: expected a path that this user can write. Received: Read-only file system.\n")
    assert errors.startswith("toonvision: ")
    assert len(errors.splitlines()) == 1


def test_user_configs_compose_with_the_packaged_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder, text in (
        ("conf", "defaults: [toonvision_cnn]\nlearning_rate: 0.01\n"),
        ("more", "conv_1_filters: 4\n"),
    ):
        (tmp_path / folder / "search_space").mkdir(parents=True)
        (tmp_path / folder / "search_space" / f"of_{folder}.yaml").write_text(text)
    assert main(["search_space=of_conf", "--cfg", "job", "--package", "search_space.learning_rate"]) == 0
    assert "0.01" in capsys.readouterr().out
    assert main(["--config-dir", "more", "search_space=of_more"]) == 2  # the file is found, but names are missing
    assert "expected a name that search_space declares" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "usage"),
    [
        ("check", "usage: toonvision check [OVERRIDE ...] [Hydra's flags]"),
        ("train", "usage: toonvision train [OVERRIDE ...] [Hydra's flags]"),
        ("resume", "usage: toonvision resume [-h] RUN [OVERRIDE ...]"),
        ("report", "usage: toonvision report [-h] RUN"),
        ("narrow", "usage: toonvision narrow [-h] [--quantile QUANTILE]"),
        ("compare", "usage: toonvision compare [-h] RUN RUN [RUN ...]"),
        ("tensorboard", "usage: toonvision tensorboard RUN [TensorBoard's own flags]"),
    ],
)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_prints_its_own_help(
    command: str, usage: str, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, flag])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(usage)


def test_the_help_lists_every_command_and_the_options_of_config_groups(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(f"toonvision {command}" in shown for command in COMMANDS)
    assert f"tuner: {TUNERS}" in shown
    assert "toonvision experiment=smoke" in shown


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--cfg", "job", "seed=7"], "seed: 7"),
        (["seed=7", "--cfg", "job", "tuner.max_trials=3"], "max_trials: 3"),
        (["train", "--cfg", "job"], "seed: 42"),
        (["check", "--cfg", "job", "--package", "seed"], "42"),
        (["--cfg", "job", "--resolve", "--package", "training"], "epochs:"),
        (["--cfg", "hydra"], "output_subdir: .hydra"),
        (["--info", "searchpath"], "| main     | file://"),
        (["--config-name", "mine", "--config-path", "more", "--cfg", "job"], "mine: 1"),
        (["--config-dir", "more", "--info", "searchpath"], "| command-line | file://"),
        (["--hydra-help"], "Hydra"),
        (["--version"], "Hydra 1.3"),
    ],
)
def test_the_flags_of_hydra_are_supported(
    arguments: list[str], shown: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "mine.yaml").write_text("mine: 1\n")
    with contextlib.suppress(SystemExit):
        assert main(arguments) == 0
    assert shown in capsys.readouterr().out


@pytest.mark.engine
def test_a_closed_stdout_pipe_is_not_an_error(tmp_path: Path) -> None:
    commands = [["--help"], ["report", "--help"], ["--cfg", "job"], ["--info", "defaults"]]
    script = (
        "import os, sys\nfrom toonvision.cli import main\n"
        f"for arguments in {commands}:\n"
        "    if not os.fork():\n"
        "        reading, writing = os.pipe()\n"
        "        os.close(reading)\n"
        "        os.dup2(writing, 1)\n"
        "        sys.exit(main(arguments))\n"
        "    print(os.wait()[1], flush=True)\n"
    )
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    run = [sys.executable, "-c", script]
    ended = subprocess.run(run, cwd=tmp_path, env=buffered, capture_output=True, text=True, check=True)
    assert (ended.stdout.split(), ended.stderr) == (["0"] * len(commands), "")


@pytest.mark.engine
def test_help_and_configuration_errors_do_not_import_heavy_libraries(tmp_path: Path) -> None:
    commands = [
        *(["--help"], ["report", "--help"], ["--cfg", "job"], ["tuner=hyperbnd"], ["tuner.max_trials=0", "seed=0"]),
        *(["search_space=toonvision_cnn_baseline"], ["train"], ["-m", "training.epochs=1,0"]),
        ["check", "tuner=hyperbnd"],
    ]
    script = (
        "import sys\nfrom toonvision.cli import main\n"
        f"for arguments in {commands}:\n"
        "    try: main(arguments)\n    except SystemExit: pass\n"
        f"    print('imported', arguments, sorted({HEAVY_LIBRARIES} & set(sys.modules)))"
    )
    process = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    imported = [line for line in process.stdout.splitlines() if line.startswith("imported")]
    assert imported == [f"imported {arguments} []" for arguments in commands]


@pytest.mark.training
def test_the_best_values_of_a_run_are_a_search_space_option_of_the_next_run(tmp_path: Path) -> None:
    assert main([*TABLE]) == 0
    latest = Results.load("outputs/latest")
    source = "hydra.searchpath=[file://outputs/latest]"
    short = (
        "dataset=breast_cancer",
        "model=mlp",
        "training.retrain={epochs:1,seeds:1}",
        "seed=3042",
    )  # of the final one
    assert main(["train", source, "search_space=best", *short]) == 0
    summary = json.loads(Path("outputs/latest/summary.json").read_text())
    assert latest.comparison is not None
    assert summary["trained"]["wrong"] == latest.comparison.tuned.scores["wrong"]
    assert summary["trained"]["loss"] == latest.comparison.tuned.loss
    assert Path("outputs/latest/models/trained.keras").is_file()


@pytest.mark.usefixtures("simulated")
def test_report_writes_identical_files_again_and_compare_lists_the_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hydra.run.dir=mine", *SPACE, "tuner.max_trials=3"]) == 0
    before = {path: path.read_bytes() for path in Path("mine/report").iterdir()}
    for path in before:
        path.unlink()
    assert main(["report", "mine"]) == 0
    assert {path: path.read_bytes() for path in Path("mine/report").iterdir()} == before
    capsys.readouterr()
    assert main(["compare", "mine", "mine"]) == 0
    shown = capsys.readouterr().out.split()
    assert shown.count("mine") == shown.count("breast_cancer") == 2


def test_narrow_writes_the_narrowed_space_and_a_dry_run_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    recorded_run(Path("mine"), article_trials(0))
    written = Path("mine/search_space/narrowed.yaml")
    assert main(["narrow", "mine", "--threshold", "0.3", "--dry-run"]) == 0
    assert "conv_2_filters below 8: 0 of " in capsys.readouterr().out
    assert not written.exists()
    assert main(["narrow", "mine", "--threshold=0.3", "--accept", "pool_4_size", "--accept", "dropout_1_rate"]) == 0
    shown = capsys.readouterr().out
    assert "Written to mine/search_space/narrowed.yaml. Next:" in shown
    assert "toonvision 'hydra.searchpath=[file://mine]' search_space=narrowed" in shown
    assert "conv_2_filters: {hp: Int, min_value: 4, max_value: 20, step: 4}" in written.read_text()
    assert "pool_4_size: {hp: Int, min_value: 1, max_value: 3, step: 1}" in written.read_text()


@pytest.mark.training
def test_check_prints_its_report_of_the_space_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pins = ("search_space.units_1=8", "search_space.learning_rate=0.01", "search_space.dropout_1_rate=0.1")
    (tmp_path / "models").mkdir()  # makes hydra.run.dir=. look like the directory of a run
    assert main(["check", *TABLE, *pins, "search_space.n_layers=1", "hydra.run.dir=."]) == 0
    shown = capsys.readouterr().out
    assert "Everything can be built: all 2 combinations." in shown
    assert "The search would take about" in shown
    assert [path.name for path in tmp_path.iterdir()] == ["models"]
    assert main(["check", *TABLE, "--cfg", "job", "--package", "tuner.max_trials"]) == 0
    assert capsys.readouterr().out.split()[-1] == "2"


def test_check_exits_with_1_if_no_model_of_the_space_can_be_built(capsys: pytest.CaptureFixture[str]) -> None:
    fixed = {f"pool_{number}_size": 4 for number in range(1, 5)} | {"learning_rate": 0.01, "dropout_2_rate": 0.1}
    fixed |= {"conv_1_filters": 4, "conv_2_filters": 4, "conv_1_kernel_size": 3, "dropout_1_rate": 0.1}
    assert main(["check", "dataset=digits", *(f"search_space.{name}={fixed[name]}" for name in fixed)]) == 1
    shown = capsys.readouterr()
    assert "100 % of the space cannot be built" in shown.out
    assert shown.err == "toonvision: none of these models can be built\n"


def test_an_interrupted_train_command_does_not_suggest_resume(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("toonvision.api.train", interrupt)
    with pytest.raises(SystemExit) as raised:
        main(["train", "search_space=toonvision_cnn_baseline"])
    assert raised.value.code == 130
    assert capsys.readouterr().err == "toonvision: interrupted\n"


@pytest.mark.usefixtures("simulated")
def test_a_run_in_an_existing_run_directory_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    quick = (*SPACE, "tuner.max_trials=1")
    assert main(["hydra.run.dir=mine", *quick]) == 0
    before = {path: path.read_bytes() for path in Path("mine").rglob("*") if path.is_file()}
    assert main(["hydra.run.dir=mine", *quick, "seed=7"]) == 2
    assert "hydra.run.dir: expected a directory without a run in it. Received: 'mine'" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in Path("mine").rglob("*") if path.is_file()} == before


def test_a_failed_job_does_not_end_the_sweep(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failures = iter(range(3))

    def run_trial(*arguments: Any, **keywords: Any) -> Outcome:
        failed = Outcome(TrialStatus.FAILED, error="on purpose", reason=Reason.RAISED)
        return SimulatedTrials()(*arguments, **keywords) if next(failures, None) is None else failed

    monkeypatch.setattr(job, "KERAS", replace(SIMULATED, run_trial=run_trial))
    assert main(["-m", "seed=1,2", *SPACE, "tuner.max_trials=3"]) == 1
    assert "3 trials in a row failed" in capsys.readouterr().err
    statuses = [json.loads(path.read_text())["status"] for path in Path("outputs").glob("*/*-sweep/*/summary.json")]
    assert sorted(statuses) == ["COMPLETED", "FAILED"]


@pytest.mark.parametrize(("trials", "note"), [(100, ""), (101, "100 of 101 trials a page")])
def test_tensorboard_has_its_flags_and_a_note_if_a_page_does_not_show_all_trials(
    trials: int, note: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []

    def call(command: list[str]) -> int:
        called.append(command)
        return 3

    monkeypatch.setattr(subprocess, "call", call)
    for number in range(trials):
        Path("mine", "tensorboard", f"{number:04d}").mkdir(parents=True)
    assert main(["tensorboard", "mine", "--version_tb"]) == 3
    (command,) = called
    assert command[1:3] == ["-m", "tensorboard.main"]
    assert command[-3:] == ["--logdir", str(Path("mine", "tensorboard")), "--version_tb"]
    shown = capsys.readouterr().out
    assert note in shown
    assert ("Paging" in shown) == bool(note)


@pytest.mark.training
def test_tensorboard_serves_the_scalars_of_a_run() -> None:
    assert main(["hydra.run.dir=mine", *TABLE]) == 0
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "toonvision", "tensorboard", "mine", "--port", str(port)]
    served = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        url = f"http://localhost:{port}/data/plugin/scalars/tags"
        for _ in range(120):
            try:
                with urllib.request.urlopen(url) as answer:
                    tags = json.loads(answer.read())
            except OSError:
                tags = {}
            if set(tags) == {"0000", "0001"}:
                break
            time.sleep(0.5)
        assert set(tags) == {"0000", "0001"}
        assert "loss/validation" in tags["0001"]
    finally:
        os.killpg(served.pid, signal.SIGTERM)
        served.wait()
