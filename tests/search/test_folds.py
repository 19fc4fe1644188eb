"""The mean over folds: at the same epoch of each, in the order in which they are trained."""

from __future__ import annotations

import pytest

from toonvision.search.folds import Point, curves_of, last_point, points_of
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, Trial, TrialStatus

LOSS = Objective(name="val_loss", direction="min")


def test_the_mean_is_over_the_same_epoch_of_each_fold() -> None:
    curves = [[0.9, 0.6, 0.5], [0.5, 0.3, 0.1], [0.4, 0.0]]
    assert last_point(curves, LOSS) == pytest.approx((3, 1, (0.6 + 0.3 + 0.0) / 3))
    assert last_point(curves[:1], LOSS) == Point(1, 2, 0.5)


def test_a_fold_that_ended_early_counts_by_its_score() -> None:
    accuracy = Objective(name="val_accuracy", direction="max")
    assert last_point([[0.2, 0.8, 0.5], [0.1] * 4], accuracy) == pytest.approx((2, 3, (0.8 + 0.1) / 2))


def test_a_history_has_a_curve_for_each_training() -> None:
    rows = [{"execution": 0, "epoch": 0, "val_loss": 0.9}, {"execution": 0, "epoch": 1, "val_loss": 0.8}]
    rows += [{"execution": 1, "epoch": 0, "val_loss": 0.7}]
    assert curves_of(rows, "val_loss") == ((0.9, 0.8), (0.7,))


def test_what_the_pruner_has_seen_is_in_the_record() -> None:
    folds = Trial(0, {}, Outcome(TrialStatus.PRUNED, curves=((0.75, 0.5), (0.25,))))
    assert list(points_of(folds, LOSS)) == [Point(1, 0, 0.75), Point(1, 1, 0.5), Point(2, 0, 0.5)]
    holdout = Trial(0, {}, Outcome(TrialStatus.COMPLETED), intermediate_values={0: 0.8, 1: 0.6})
    assert list(points_of(holdout, LOSS)) == [Point(1, 0, 0.8), Point(1, 1, 0.6)]
