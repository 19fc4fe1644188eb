"""Jobs: what they print, write and refuse, and sweeps."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.command_line import SIMULATED, SPACE, TABLE, run_command
from tests.simulation import SimulatedTrials
from toonvision import job
from toonvision.cli import main
from toonvision.record.results import Results
from toonvision.trial.trial import Outcome, Reason, TrialStatus


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
    assert set(leaderboard["tuner"]) == {"random_search", "hyperband"}
    assert 'href="3"' in (path.parent / "leaderboard.html").read_text()
    for number in range(4):
        assert json.loads((path.parent / str(number) / "summary.json").read_text())["status"] == "COMPLETED"


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


@pytest.mark.training
def test_the_best_values_of_a_run_are_a_search_space_option_of_the_next_run(tmp_path: Path) -> None:
    assert main([*TABLE]) == 0
    latest = Results.load("outputs/latest")
    words = ("search_space=best", "seed=3042")  # of the final training
    assert main(["train", "outputs/latest", *words]) == 0
    summary = json.loads(Path("outputs/latest/summary.json").read_text())
    assert latest.comparison is not None
    assert summary["trained"]["wrong"] == latest.comparison.tuned.scores["wrong"]
    assert summary["trained"]["loss"] == latest.comparison.tuned.loss
    assert Path("outputs/latest/models/trained.keras").is_file()


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
