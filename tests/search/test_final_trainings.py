"""The trainings after the search: for how many epochs, how often, and what an error says."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from tests.configuration import configured
from tests.simulation import FAILED, compare
from toonvision.config.schema import TrialConfig
from toonvision.dataset import load_dataset
from toonvision.errors import SearchError
from toonvision.executor.inline import InlineExecutor
from toonvision.search.final_model import FinalModel
from toonvision.search.final_trainings import FinalTrainings, Trained
from toonvision.search.runner import Runner, Trainer
from toonvision.trial.trial import (
    HISTORY,
    MODEL,
    OUTPUTS,
    FinalFindings,
    Outcome,
    Promotion,
    TrialStatus,
    trial_directory,
)
from toonvision.verdict.comparison import Duration

SEEDS = (1, 2, 3)
TABLE = ("dataset=breast_cancer", "model=mlp", "search_space=mlp_baseline")
ONE_STEP = "training.batch_size=1000"  # an epoch, so that nothing is scaled


@dataclass
class Trainings:
    """Takes the place of `run_trial`: each training has the next of some losses, in their order.

    Attributes:
        losses: by epoch, of each training.
        failing: outcomes that come first.
        seconds: of each training, by role.
        calls: the configurations so far.
    """

    losses: Sequence[Sequence[float]] = ()
    failing: list[Outcome] = field(default_factory=list)
    seconds: Mapping[str, float] = field(default_factory=dict)
    calls: list[TrialConfig] = field(default_factory=list)

    def __call__(
        self, config: TrialConfig, directory: str, number: int, promotion: Promotion | None, searcher: str
    ) -> Outcome:
        if self.failing:
            return self.failing.pop(0)
        losses = self.losses[len(self.calls)]
        self.calls.append(config)
        folder = trial_directory(Path(directory), number)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / HISTORY).open("w", newline="") as file:
            lines = csv.writer(file)
            lines.writerows([("execution", "epoch", "loss"), *((0, epoch, loss) for epoch, loss in enumerate(losses))])
        assert config.final is not None
        findings = FinalFindings(batch_seconds=0.01)
        if config.final.saved:
            (folder / MODEL).touch()
            np.save(folder / OUTPUTS, np.zeros((10, 2), np.float32))
        else:
            findings = FinalFindings(best_epoch=1 + int(np.argmin(losses)))
        metrics = {"loss": min(losses)}
        seconds = self.seconds.get(config.final.role, 0.0)
        return Outcome(
            TrialStatus.COMPLETED, metrics=metrics, epochs=len(losses), parameters=7, final=findings, seconds=seconds
        )


def falling_until(epoch: int) -> list[float]:
    return [abs(epoch - 1 - number) + 1.0 for number in range(100)]


def durations(tmp_path: Path, trainings: Trainings, *overrides: str, seeds: Sequence[int] = SEEDS) -> Duration:
    return made(tmp_path, trainings, *overrides, seeds=seeds).choose_durations()["trained"]


def final(tmp_path: Path, trainings: Trainings, duration: Duration, *overrides: str) -> list[Trained]:
    return made(tmp_path, trainings, *overrides).train({"trained": duration})["trained"]


def made(
    tmp_path: Path,
    trainings: Trainings,
    *overrides: str,
    seeds: Sequence[int] = SEEDS,
    roles: Sequence[str] = ("trained",),
) -> FinalTrainings:
    config = configured(*TABLE, *overrides)
    models = [FinalModel(role, config.default_trial, load_dataset(config.default_trial.dataset)) for role in roles]
    runner = Runner(InlineExecutor(), [], Trainer(trainings, compare, poll_seconds=0.01))
    return FinalTrainings(models, seeds, directory=tmp_path, runner=runner, retries=config.retries)


def test_the_median_of_the_best_epochs_is_the_duration(tmp_path: Path) -> None:
    trainings = Trainings([falling_until(epoch) for epoch in (4, 1, 3)])
    assert durations(tmp_path, trainings, ONE_STEP) == Duration(3, 100, (4, 1, 3))
    assert [config.seed for config in trainings.calls] == list(SEEDS)


@pytest.mark.parametrize(("best", "at_limit"), [(97, False), (98, True), (100, True)])
def test_a_median_close_to_the_limit_is_reported(best: int, at_limit: bool, tmp_path: Path) -> None:
    trainings = Trainings([falling_until(best)])
    assert durations(tmp_path, trainings, seeds=SEEDS[:1]).at_limit is at_limit


def test_with_a_number_of_epochs_nothing_is_trained_to_choose_one(tmp_path: Path) -> None:
    assert durations(tmp_path, Trainings(), "training.retrain.epochs=7") == Duration(7, 7)


@pytest.mark.parametrize(
    ("losses", "at_limit"),
    [
        ([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], True),
        ([0.9, 0.2, 0.7, 0.6, 0.5, 0.4], False),
        ([0.9, 0.8, 0.7, 0.6, 0.5], False),  # stopped before
    ],
)
def test_a_fixed_number_of_epochs_is_too_low_where_the_loss_still_falls(
    losses: list[float], at_limit: bool, tmp_path: Path
) -> None:
    trained = final(tmp_path, Trainings([losses] * 3), Duration(6, 6))
    assert {one.duration for one in trained} == {Duration(6, 6, at_limit=at_limit)}


def test_each_training_is_one_execution_without_the_limits_of_a_trial(tmp_path: Path) -> None:
    limits = ("training.executions_per_trial=3", "training.timeout=1", "training.memory_limit=1", "resampling=kfold")
    trainings = Trainings([falling_until(3)] * 6)
    found = made(tmp_path, trainings, *limits, "training.batch_size=1000")
    trained = found.train(found.choose_durations())["trained"]
    for config in trainings.calls:
        assert config.training.trainings_per_trial == 1
        assert (config.training.timeout, config.training.memory_limit) == (None, None)
    assert [config.training.epochs for config in trainings.calls] == [100] * 3 + [3] * 3
    assert [len(one.history["loss"]) for one in trained] == [100] * 3


def test_the_models_that_take_longest_come_first_so_that_no_worker_waits_long_at_the_end(tmp_path: Path) -> None:
    trainings = Trainings([falling_until(3)] * 8, seconds={"baseline": 1.0, "tuned": 15.0})
    found = made(tmp_path, trainings, seeds=(1, 2), roles=("baseline", "tuned"))
    trained = found.train(found.choose_durations())
    assert [(config.final and config.final.role, config.seed) for config in trainings.calls[4:]] == [
        *(("tuned", 1), ("tuned", 2), ("baseline", 1), ("baseline", 2))
    ]
    assert {role: len(models) for role, models in trained.items()} == {"baseline": 2, "tuned": 2}


def test_a_training_that_fails_runs_again_as_often_as_retries_say_but_never_with_another_seed(tmp_path: Path) -> None:
    trainings = Trainings([falling_until(3)] * 3, failing=[FAILED])
    durations(tmp_path, trainings, "retries.raised=1", "retries.diverged=5")
    assert sorted(config.seed for config in trainings.calls) == list(SEEDS)


def test_a_training_that_fails_is_one_message(tmp_path: Path) -> None:
    message = r"^The trained model has failed: on purpose See .*final/trials/0000/worker\.log$"
    with pytest.raises(SearchError, match=message):
        durations(tmp_path, Trainings(failing=[FAILED]))


def test_a_model_that_is_gone_is_trained_again(tmp_path: Path) -> None:
    losses = [0.5, 0.4]
    final(tmp_path, Trainings([losses] * 3), Duration(2, 2))
    (trial_directory(tmp_path / "final", 4) / MODEL).unlink()
    again = Trainings([losses])
    final(tmp_path, again, Duration(2, 2))
    assert [config.seed for config in again.calls] == [2]
    other = Trainings([losses] * 3)
    final(tmp_path, other, Duration(3, 3))  # another number of epochs: nothing of it was trained
    assert [config.seed for config in other.calls] == list(SEEDS)


def test_a_model_that_another_training_was_to_replace_is_trained_again(tmp_path: Path) -> None:
    losses = [0.5, 0.4]
    final(tmp_path, Trainings([losses] * 3), Duration(2, 2))
    with pytest.raises(SearchError):  # of three epochs, in the same folders
        final(tmp_path, Trainings(failing=[FAILED]), Duration(3, 3))
    again = Trainings([losses] * 3)
    final(tmp_path, again, Duration(2, 2))
    assert len(again.calls) == 3
