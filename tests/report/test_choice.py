"""Which trial is chosen, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.configuration import configured
from toonvision.config.schema import Select
from toonvision.record.results import Results
from toonvision.report.choice import LINE, choice, failure, ranked
from toonvision.trial.trial import Outcome, Reason, TrialStatus


def test_a_failed_finalist_comes_last_with_its_reason(run: Results) -> None:
    best, failed = ranked(run)
    assert best.trial == run.chosen()
    assert best.scores == pytest.approx((0.19, 0.21))
    assert (failed.score, failed.scores) == (None, ())
    assert failed.failure is not None
    assert failed.failure.startswith("raised: ")


def test_the_choice_names_the_trial_and_the_reason(run: Results) -> None:
    text = choice(run)
    assert text is not None
    assert text.startswith(f"Chosen: trial {ranked(run)[0].trial.id}, the best mean of fresh scores. The fresh scores")
    assert "the validation examples of the search" in text


def test_reshuffled_finalists_have_validation_examples_of_their_own(run: Results) -> None:
    overrides = ("resampling=reshuffled",)
    text = choice(replace(run, config=configured(*overrides).model_copy(update={"finalists": run.config.finalists})))
    assert text is not None
    assert "and other validation examples than those of the search" in text


def test_a_tolerance_is_named_and_the_best_score_alone_needs_no_reason(run: Results, finished: Results) -> None:
    tolerant = run.config.model_copy(update={"select": Select(tolerance=0.05)})
    reason = choice(replace(run, config=tolerant))
    assert reason is not None
    assert ", the smallest model within 0.05 of the best mean of fresh scores. " in reason
    assert choice(finished) is None


def test_the_reason_of_a_failure_is_one_short_line() -> None:
    reason = failure(Outcome(TrialStatus.FAILED, error="first\nsecond " + 99 * "word ", reason=Reason.RAISED))
    assert reason.startswith("raised: first second word")
    assert len(reason) <= LINE
