"""The pictures at the head of the page: what they show of a verdict and of a search."""

from __future__ import annotations

from dataclasses import replace

from tests.made_verdict import made_verdict
from toonvision.report.page.head_figures import best_figure, roles_data, roles_figure
from toonvision.report.page.search_figures import history_data
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, Trial, TrialStatus
from toonvision.verdict.verdict import Kind, Measure, Scores, Verdict

LOSS = Objective(name="val_loss", direction="min")


def verdict(kind: Kind, *, baseline: Measure, tuned: Measure) -> Verdict:
    """Return a verdict with this decisive measure."""
    made = made_verdict(197, baseline_wrong=27, tuned_wrong=12)

    def judged(scores: Scores, measure: Measure) -> Scores:
        return replace(scores, measures={kind.name: measure})

    return replace(
        made, kinds=(kind,), baseline=judged(made.baseline, baseline), tuned=judged(made.tuned, tuned), pairs=None
    )


def test_each_seed_has_a_point_and_each_role_its_mean_with_the_interval() -> None:
    errors = Kind("wrong", "errors", is_count=True)
    baseline, tuned = Measure((30, 24), 27, (20.0, 35.0)), Measure((12, 14), 13, (9.0, 18.0))
    figure = roles_figure(roles_data(verdict(errors, baseline=baseline, tuned=tuned)))
    seeds, means = figure.data
    assert (seeds["x"], seeds["text"]) == ([30, 24, 12, 14], ["baseline", "baseline", "tuned", "tuned"])
    assert (means["x"], means["text"]) == ([27, 13], ["baseline", "tuned"])
    assert (means["error_x"]["arrayminus"], means["error_x"]["array"]) == ([7, 4], [8, 5])
    assert figure.title == "Errors on 197 test examples, fewer is better"
    assert "tuned 13 (9 to 18)" in figure.summary


def test_one_seed_is_its_own_mean_and_may_have_no_interval() -> None:
    auc = Kind("auc", "<b>area</b>", "max")
    figure = roles_figure(
        roles_data(verdict(auc, baseline=Measure((0.5,), 0.5, None), tuned=Measure((0.9,), 0.9, None)))
    )
    (means,) = figure.data
    assert means["error_x"]["array"] == [0, 0]
    assert means["name"].startswith("one training")
    assert figure.layout["xaxis"]["title"]["text"] == "&lt;b>area&lt;/b>"
    assert figure.title.endswith("higher is better")


def test_the_best_score_so_far_is_a_line_over_linked_points() -> None:
    trials = [
        Trial(0, {}, Outcome(TrialStatus.FAILED)),
        *(Trial(n, {}, Outcome(TrialStatus.COMPLETED, 1.0 / n)) for n in (1, 2)),
    ]
    figure = best_figure(history_data(trials, LOSS), "val_loss")
    assert figure is not None
    line, points = figure.data
    assert line["y"] == [None, 1.0, 0.5]
    assert points["customdata"] == ["0001", "0002"]


def test_a_search_without_a_completed_trial_has_no_picture() -> None:
    assert best_figure(history_data([Trial(0, {}, Outcome(TrialStatus.FAILED))], LOSS), "val_loss") is None
