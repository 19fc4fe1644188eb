"""Learning curves and the confidence of the final models."""

from __future__ import annotations

from dataclasses import replace

from toonvision.record.results import Results
from toonvision.report.page.model_figures import confidence, final_curves, trial_curves
from toonvision.report.page.theme import DASHES
from toonvision.verdict import predictions as stored_predictions


def test_the_best_trials_have_a_curve_each(run: Results) -> None:
    curves = trial_curves(run).data
    best = run.best(len(DASHES))
    assert [curve["name"].split()[0] for curve in curves] == [trial.id for trial in best]
    assert [curve["y"] for curve in curves] == [list(trial.intermediate_values.values()) for trial in best]
    assert curves[0]["x"] == [1, 2, 3, 4]
    assert [curve["line"]["dash"] for curve in curves] == list(DASHES)


def test_a_run_without_a_completed_trial_has_no_curves(run: Results) -> None:
    assert trial_curves(replace(run, trials=[])).missing == "No completed trial has reported an epoch."


def test_both_final_models_have_a_curve_of_their_loss(run: Results) -> None:
    comparison = run.comparison
    assert comparison is not None
    baseline, tuned = final_curves(comparison).data
    assert (baseline["name"], tuned["name"]) == ("baseline", "tuned")
    assert tuned["y"] == comparison.tuned.history["loss"]


def test_right_and_wrong_predictions_are_counted_by_confidence(run: Results) -> None:
    predictions = stored_predictions.load(run.directory)
    assert predictions is not None
    right, wrong = confidence(predictions, "tuned").data
    assert sum(right["y"]) == predictions.is_right("tuned").sum()
    assert sum(wrong["y"]) == (~predictions.is_right("tuned")).sum()
    assert len(right["x"]) == len(wrong["x"]) == 20
