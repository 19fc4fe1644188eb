"""Going on with a sweep: nothing is lost or done twice, wherever it stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from filelock import FileLock
from omegaconf import OmegaConf

from tests.command_line import SIMULATED, SPACE
from tests.simulation import SimulatedTrials, compare
from toonvision import job
from toonvision.cli import main
from toonvision.config.schema import RunConfig
from toonvision.errors import SearchError
from toonvision.record.results import Results
from toonvision.record.sweep import has_record
from toonvision.search.runner import Trainer
from toonvision.trial.trial import Outcome
from toonvision.verdict.comparison import Comparison

TRIALS = 2
SWEEP = Path("mine")
BEGIN = ("-m", "seed=1,2,3", *SPACE, "tuner=random_search", f"tuner.max_trials={TRIALS}")


def begin(monkeypatch: pytest.MonkeyPatch, power: int) -> None:
    """Begin a sweep of three jobs, whose process ends after so many trials."""
    trials = SimulatedTrials(power=power)
    monkeypatch.setattr(job, "KERAS", replace(SIMULATED, run_trial=trials))
    with pytest.raises(SystemExit, match="the power is cut"):
        main([*BEGIN, f"hydra.sweep.dir={SWEEP}"])
    monkeypatch.setattr(job, "KERAS", SIMULATED)


def content(directory: Path) -> dict[Path, tuple[bytes, int]]:
    """Return every file of a directory, and when it was written."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def scores(directory: Path) -> list[list[float | None]]:
    """Return the score of each trial of each job."""
    return [[trial.outcome.score for trial in Results.load(directory / f"{n}").trials] for n in range(3)]


@pytest.mark.parametrize("power", [1, TRIALS, TRIALS + 1])
def test_a_sweep_that_was_cut_off_has_the_same_trials_as_one_that_was_not(
    power: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The power is cut within the first job, before the first trial of the second one, and within that."""
    begin(monkeypatch, power)
    ended = power // TRIALS
    before = content(SWEEP / "0") if ended else {}
    assert not (SWEEP / "2").exists()
    capsys.readouterr()
    assert main(["resume", str(SWEEP)]) == 0
    assert f"{ended} of 3 jobs have ended; {3 - ended} go on or start." in capsys.readouterr().out
    assert main([*BEGIN, "hydra.sweep.dir=whole"]) == 0
    assert scores(SWEEP) == scores(Path("whole"))
    for number in range(3):
        for file in ("config", "overrides"):
            path = Path(f"{number}/.hydra/{file}.yaml")
            assert OmegaConf.load(SWEEP / path) == OmegaConf.load(Path("whole") / path)
    assert {path: now for path, now in content(SWEEP / "0").items() if path in before} == before
    board = pd.read_csv(SWEEP / "leaderboard.csv")
    assert sorted(board["run"]) == ["mine/0", "mine/1", "mine/2"]
    assert list(board["trials"]) == [TRIALS] * 3


def test_a_job_that_was_killed_before_its_record_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch, TRIALS)
    for path in (SWEEP / "1").glob("study.*"):
        path.unlink()
    (SWEEP / "1" / "summary.json").unlink()
    assert not has_record(SWEEP / "1")
    assert main(["resume", str(SWEEP)]) == 0
    assert [len(row) for row in scores(SWEEP)] == [TRIALS] * 3


def test_a_failed_job_runs_again_and_the_worst_exit_code_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*seeds: int) -> Trainer:
        def judge(config: RunConfig, *arguments: Any, **keywords: Any) -> Comparison:
            if config.seed in seeds:
                raise SearchError(f"on purpose with {config.seed}")
            return compare(config, *arguments, **keywords)

        return replace(SIMULATED, compare=judge)

    monkeypatch.setattr(job, "KERAS", failing(1, 2))
    assert main([*BEGIN, f"hydra.sweep.dir={SWEEP}"]) == 1
    monkeypatch.setattr(job, "KERAS", failing(2))
    capsys.readouterr()
    assert main(["resume", str(SWEEP)]) == 1
    shown = capsys.readouterr()
    assert "1 of 3 jobs have ended; 2 go on or start." in shown.out
    assert shown.err == "toonvision: on purpose with 2\n"
    assert [Results.load(SWEEP / f"{n}").state.status.value for n in range(3)] == ["COMPLETED", "FAILED", "COMPLETED"]


@pytest.mark.usefixtures("simulated")
def test_an_override_applies_to_every_job(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch, TRIALS + 1)
    assert main(["resume", str(SWEEP), "tuner.max_trials=3"]) == 0
    assert [len(row) for row in scores(SWEEP)] == [3] * 3
    before = content(SWEEP / "1")
    assert main(["resume", str(SWEEP), "tuner.max_trials=3"]) == 0
    assert content(SWEEP / "1") == before


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed=4,5", "expected one value for all jobs. Received: 'seed=4,5'"),
        ("training.epochs=9", "- training.epochs: 1 -> 9"),
    ],
)
def test_an_override_that_would_make_other_jobs_is_refused_before_any_goes_on(
    override: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(monkeypatch, TRIALS + 1)
    before = content(SWEEP / "1")
    assert main(["resume", str(SWEEP), override]) == 2
    assert message in capsys.readouterr().err
    assert content(SWEEP / "1") == before
    assert not (SWEEP / "2").exists()


def test_a_sweep_that_another_process_works_on_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(monkeypatch, TRIALS)
    with FileLock(SWEEP / ".lock"):
        assert main(["resume", str(SWEEP)]) == 2
    assert "expected a run that no other process works on" in capsys.readouterr().err


def test_after_an_interrupt_the_sweep_is_named_as_what_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run_trial(*arguments: Any, **keywords: Any) -> Outcome:
        raise KeyboardInterrupt

    begin(monkeypatch, TRIALS)
    monkeypatch.setattr(job, "KERAS", replace(SIMULATED, run_trial=run_trial))
    assert main(["resume", str(SWEEP)]) == 130
    assert "toonvision: interrupted. To go on: toonvision resume mine\n" in capsys.readouterr().err
    assert json.loads((SWEEP / "1" / "summary.json").read_text())["status"] == "INTERRUPTED"
    assert not (SWEEP / "2").exists()
    with pytest.raises(SystemExit, match="130"):
        main([*BEGIN, "hydra.sweep.dir=other"])
    assert "To go on: toonvision resume other\n" in capsys.readouterr().err
