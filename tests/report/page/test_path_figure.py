"""The scores along the path."""

from __future__ import annotations

from pathlib import Path

from tests.report.page.page_data import data
from toonvision.record.results import Results
from toonvision.report.page.path_figure import path_figure
from toonvision.report.path import earned
from toonvision.trial.trial import TrialStatus


def test_the_path_has_a_point_for_every_seed(run: Results, written: Path) -> None:
    means, seeds = data(written)["figures"]["path"]["data"]
    scored = [step for step in run.path if step.outcome.status is TrialStatus.COMPLETED]
    assert len(scored) == len(run.path) - 1
    assert means["x"] == [step.outcome.score for step in scored]
    assert seeds["x"] == [score for step in scored for score in step.outcome.scores]
    assert [label.partition(".")[0] for label in means["y"]] == [str(step.number) for step in scored]


def test_a_path_without_a_score_has_no_figure(run: Results) -> None:
    steps = [row for row in earned(run) if row.score is None]
    assert path_figure(steps, "val_loss").missing == "No step of the path has a score."
