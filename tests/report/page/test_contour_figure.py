"""Contours: the best score of each pair of values, on axes that suit the hyperparameters."""

from __future__ import annotations

import pytest

from toonvision.report.page.contour_figure import (
    CONTOUR_TRIALS,
    contour_data,
    contour_figure,
    contour_pairs,
    thinned,
)
from toonvision.search_space.space import Values
from toonvision.trial.objective import Direction, Objective
from toonvision.trial.trial import Outcome, Trial, TrialStatus

SPACE = {
    "units": {"hp": "Int", "min_value": 1, "max_value": 9},
    "rate": {"hp": "Float", "min_value": 0.01, "max_value": 1.0, "sampling": "log"},
    "optimizer": {"hp": "Choice", "values": ["SGD", "Adam"]},
}


def trials(*pairs: tuple[Values, float]) -> list[Trial]:
    return [Trial(n, values, Outcome(TrialStatus.COMPLETED, score)) for n, (values, score) in enumerate(pairs)]


@pytest.mark.parametrize(("direction", "best"), [("min", 0.3), ("max", 0.5)])
def test_a_position_has_the_best_of_its_scores(direction: Direction, best: float) -> None:
    sample = trials(({"units": 1, "optimizer": "SGD"}, 0.3), ({"units": 1, "optimizer": "SGD"}, 0.5))
    sample += trials(({"units": 2, "optimizer": "Adam"}, 0.7))
    data = contour_data(
        sample, ("optimizer", "units"), SPACE, objective=Objective(name="val_loss", direction=direction)
    )
    assert data.x.positions == ["Adam", "SGD"]
    assert data.y.positions == [0.95, 1, 2, 2.05]
    assert data.scores == [[None, None], [None, best], [0.7, None], [None, None]]
    assert len(data.points) == 3
    contour, points = contour_figure(data).data
    assert points["customdata"] == ["0000", "0001", "0000"]
    assert contour["meta"] == {"scores": [0.3, 0.5, 0.7], "direction": direction}
    assert contour_figure(data).data[0]["reversescale"] == (direction == "max")


def test_a_logarithmic_axis_is_padded_in_its_own_scale() -> None:
    sample = trials(({"rate": 0.01, "units": 1}, 0.3), ({"rate": 1.0, "units": 2}, 0.5))
    data = contour_data(sample, ("rate", "units"), SPACE, objective=Objective(name="val_loss", direction="min"))
    assert contour_figure(data).layout["xaxis"]["type"] == "log"
    assert contour_figure(data).layout["xaxis"]["range"] == pytest.approx([-2.1, 0.1])
    assert contour_figure(data).layout["yaxis"]["tickvals"] == [1, 2]


def test_only_hyperparameters_with_different_values_in_a_common_trial_are_pairs() -> None:
    sample = trials(({"a": 1, "b": 1, "c": 1}, 0.3), ({"a": 2, "c": 1}, 0.3), ({"b": 2}, 0.3), ({"d": 1}, 0.3))
    sample += trials(({"d": 2}, 0.3))
    assert contour_pairs(sample, ["d", "c", "b", "a"]) == [("a", "b")]


def test_many_trials_are_thinned_at_even_distances() -> None:
    sample = trials(*[({"a": number}, 0.3) for number in range(2 * CONTOUR_TRIALS)])
    assert [trial.number for trial in thinned(sample)] == list(range(0, 2 * CONTOUR_TRIALS, 2))
    assert thinned(sample[:3]) == sample[:3]
