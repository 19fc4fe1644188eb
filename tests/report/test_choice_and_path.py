"""The chosen trial among the finalists, and the gain of each step of the path."""

from __future__ import annotations

import pytest

from toonvision.record.results import Results
from toonvision.report.choice import choice, ranked
from toonvision.report.path import earned, meaning, path_json
from toonvision.trial.trial import TrialStatus


def test_a_failed_finalist_comes_last_with_its_reason(run: Results) -> None:
    best, failed = ranked(run)
    assert best.trial == run.chosen()
    assert best.scores == pytest.approx((0.19, 0.21))
    assert (failed.score, failed.scores) == (None, ())
    assert failed.failure is not None
    assert failed.failure.startswith("raised: ")


def test_the_choice_names_the_trial_and_the_reason(run: Results) -> None:
    assert choice(run) == f"Chosen: trial {ranked(run)[0].trial.id}, the best mean of fresh scores."


def test_a_step_after_a_failed_one_is_compared_with_the_last_score(run: Results) -> None:
    baseline, first, failed, after, *_ = earned(run)
    assert (baseline.in_words, first.in_words) == ("", "-0.0400 unclear")
    assert failed.step.outcome.status is TrialStatus.INFEASIBLE
    assert failed.score is None
    assert after.before == first.step
    assert after.in_words == "-0.0800 better, from step 1"


def test_the_path_of_the_summary_has_every_step(run: Results) -> None:
    rows = path_json(run)
    assert [row["step"] for row in rows] == [step.number for step in run.path]
    assert rows[3]["difference_to"] == 1
    assert rows[2]["error"]


def test_the_meaning_of_the_path_has_the_probability_of_chance(run: Results) -> None:
    assert meaning(run).endswith("This happens by chance once in 10 times.")
