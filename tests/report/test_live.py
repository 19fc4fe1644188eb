"""Reports that are written while a run goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from omegaconf import OmegaConf

from toonvision.config.schema import RunConfig
from toonvision.narrowing.evidence import Narrowing
from toonvision.record.observer import RoundStarted, TrialEnded, TrialStarted
from toonvision.record.results import Results
from toonvision.report import LiveReports
from toonvision.report.tensorboard import HPARAMS
from toonvision.trial.trial import tensorboard_directory


def without_formats(config: RunConfig) -> RunConfig:
    return config.model_copy(update={"report": config.report.model_copy(update={"live": {"tensorboard": None}})})


def test_a_trial_is_written_when_it_ends(finished: Results, tmp_path: Path) -> None:
    live, trial = LiveReports(finished.config, tmp_path), finished.trials[0]
    file = tensorboard_directory(tmp_path, trial.number) / HPARAMS
    live.notify(TrialStarted(trial, None))
    assert not file.exists()
    live.notify(TrialEnded(trial))
    assert file.stat().st_size > 0


def test_a_format_that_is_null_is_left_out(finished: Results, tmp_path: Path) -> None:
    LiveReports(without_formats(finished.config), tmp_path).notify(TrialEnded(finished.trials[0]))
    assert list(tmp_path.iterdir()) == []


def test_a_narrowed_space_is_written_when_its_round_starts(explored: Results, narrowing: Narrowing) -> None:
    live = LiveReports(explored.config, explored.directory)
    file = explored.directory / "search_space" / "narrowed.yaml"
    file.unlink(missing_ok=True)
    started = RoundStarted("refine", ["units"], 4, 9, narrowing)
    live.notify(replace(started, narrowing=None))  # of a resumed run, which has the file
    assert not file.exists()
    live.notify(started)
    assert OmegaConf.to_container(OmegaConf.load(file)) == narrowing.space
