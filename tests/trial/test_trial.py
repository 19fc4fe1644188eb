"""A trial as data, and its files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from toonvision.trial.trial import (
    FAILURES,
    Outcome,
    Promotion,
    Reason,
    Trial,
    TrialStatus,
    checkpoint,
    checkpoints,
    tensorboard_directory,
    trial_directory,
)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(TrialStatus.COMPLETED, 0.5, (0.4, 0.6), {"val_loss": 0.5}, 8, 4, 530, 1.5),
        Outcome(TrialStatus.FAILED, error="no memory", reason=Reason.OUT_OF_MEMORY),
        Outcome(TrialStatus.RUNNING),
    ],
    ids=lambda outcome: outcome.status,
)
def test_an_outcome_is_rebuilt_from_json(outcome: Outcome) -> None:
    assert TypeAdapter(Outcome).validate_json(json.dumps(asdict(outcome))) == outcome


def test_only_failures_can_be_retried() -> None:
    assert [reason.key for reason in FAILURES] == ["diverged", "out_of_memory", "timed_out", "raised", "worker_died"]


@pytest.mark.parametrize("status", TrialStatus)
def test_a_running_or_interrupted_trial_has_not_ended(status: TrialStatus) -> None:
    trial = Trial(7, {}, Outcome(status))
    assert trial.has_ended is (status not in (TrialStatus.RUNNING, TrialStatus.INTERRUPTED))
    assert (trial.id, trial.status) == ("0007", status)


@pytest.mark.parametrize("reason", [Reason.PRUNED, None])
def test_a_trial_that_the_user_has_stopped_is_not_taken_for_a_pruned_one(reason: Reason | None) -> None:
    assert Trial(7, {}, Outcome(TrialStatus.PRUNED, reason=reason)).is_pruned
    assert not Trial(7, {}, Outcome(TrialStatus.PRUNED, reason=Reason.STOPPED_BY_USER)).is_pruned
    assert not Trial(7, {}, Outcome(TrialStatus.COMPLETED)).is_pruned


@pytest.mark.parametrize(
    ("status", "reason", "ending"),
    [
        (TrialStatus.COMPLETED, None, "completed"),
        (TrialStatus.PRUNED, Reason.PRUNED, "pruned"),
        (TrialStatus.PRUNED, Reason.STOPPED_BY_USER, "stopped by the user"),
    ],
)
def test_the_ending_of_a_trial_tells_the_user_from_the_pruner(
    status: TrialStatus, reason: Reason | None, ending: str
) -> None:
    assert Trial(7, {}, Outcome(status, reason=reason)).ending == ending


def test_a_promotion_names_the_trial_that_it_continues() -> None:
    assert Promotion(9).parent_id is None
    assert Promotion(9, 3, parent=12).parent_id == "0012"


def test_every_execution_has_a_checkpoint_in_the_folder_of_the_trial(tmp_path: Path) -> None:
    folder = trial_directory(tmp_path, 12)
    assert folder == tmp_path / "trials" / "0012"
    assert tensorboard_directory(tmp_path, 12) == tmp_path / "tensorboard" / "0012"
    files = [checkpoint(tmp_path, 12, execution) for execution in range(3)]
    assert len(set(files)) == 3
    folder.mkdir(parents=True)
    for file in (*files, folder / "history.csv"):
        file.touch()
    assert checkpoints(tmp_path, 12) == sorted(files)
    assert checkpoints(tmp_path, 13) == []
