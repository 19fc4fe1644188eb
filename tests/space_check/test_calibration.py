"""The time of a trial, extrapolated from a few steps of its model."""

from __future__ import annotations

from typing import Any

import pytest

from tests.configuration import configured
from toonvision.dataset import Split, load_dataset
from toonvision.space_check import calibration
from toonvision.space_check.calibration import calibrate
from toonvision.space_check.finding import Timing
from toonvision.training.fit import fit

pytestmark = pytest.mark.training


def timing(*overrides: str) -> Timing:
    trial = configured("dataset=breast_cancer", "model=mlp", "search_space=mlp_baseline", *overrides).default_trial
    return calibrate(trial, load_dataset(trial.dataset))


def test_an_epoch_takes_its_steps_and_a_trial_its_epochs() -> None:
    found = timing("training.batch_size=4", "training.epochs=50")
    assert (found.parameters, found.epochs) == (530, 50)
    assert found.epoch > (343 / 4 - calibration.STEPS) * found.step > 0
    assert found.trial == pytest.approx(found.start + 50 * found.epoch)


def test_an_epoch_of_a_single_step_has_no_time_of_a_step() -> None:
    assert timing("training.batch_size=343").step == 0


def test_a_few_steps_are_trained_on_the_first_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def spy(*arguments: Any, train: Split, **keywords: Any) -> Any:
        sizes.append(len(train))
        return fit(*arguments, train=train, **keywords)

    monkeypatch.setattr(calibration, "fit", spy)
    timing("training.batch_size=4")
    assert sizes == [4 * calibration.STEPS]
