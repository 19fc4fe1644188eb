"""The schema of the group `training`: what follows from its values."""

from __future__ import annotations

import pytest

from tests.configuration import configured


@pytest.mark.parametrize(
    ("overrides", "trainings"),
    [
        ((), 1),
        (("training.executions_per_trial=3",), 3),
        (("resampling=reshuffled",), 1),
        (("resampling=kfold",), 5),
        (("resampling=kfold", "training.resampling.folds=3", "training.resampling.repeats=2"), 6),
        (("resampling=kfold", "training.executions_per_trial=2"), 10),
    ],
)
def test_a_trial_has_a_training_for_each_seed_and_fold(overrides: tuple[str, ...], trainings: int) -> None:
    assert configured(*overrides).default_trial.training.trainings_per_trial == trainings
