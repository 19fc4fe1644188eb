"""The record: what is written is what is read, by whichever storage."""

from __future__ import annotations

import errno
import io
import resource
from dataclasses import fields, replace
from pathlib import Path

import optuna
import pytest
from optuna.storages import RDBStorage

from tests.configuration import configured
from tests.made_verdict import made_verdict
from toonvision.config.node import Node
from toonvision.errors import ConfigError, StorageError
from toonvision.record.reading import FORMAT, FORMAT_KEY, STUDY, load, study_of
from toonvision.record.record import Record
from toonvision.record.run_state import Finalist, RunState, RunStatus, Step
from toonvision.record.storage import open_storage
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, Promotion, Reason, TrialStatus
from toonvision.verdict.comparison import Comparison, ModelScores

SPACE = {
    "filters": {"hp": "Int", "min_value": 4, "max_value": 17, "step": 4},
    "rate": {"hp": "Float", "min_value": 0.0, "max_value": 0.9, "step": 0.1},
    "learning_rate": {"hp": "Float", "min_value": 1e-4, "max_value": 1e-1, "sampling": "log"},
    "optimizer": {"hp": "Choice", "values": ["SGD", "Adam"]},
    "flip": {"hp": "Boolean"},
    "kind": "fixed",
}
OBJECTIVE = Objective(name="val_loss", direction="min")
VALUES = {"filters": 16, "rate": 0.30000000000000004, "learning_rate": 0.012, "optimizer": "SGD", "flip": True}
OUTCOMES = [
    Outcome(TrialStatus.COMPLETED, 0.5, (0.4, 0.6), {"val_loss": 0.5, "loss": 0.1}, 7, 9, 14_620, 3.5),
    Outcome(TrialStatus.FAILED, epochs=3, parameters=5, seconds=1.0, error="no\nreason", reason=Reason.DIVERGED),
    Outcome(TrialStatus.INFEASIBLE, error="model.x: too small", reason=Reason.INFEASIBLE),
    Outcome(TrialStatus.INTERRUPTED, error="stopped", reason=Reason.STOPPED),
]


@pytest.fixture(params=["sqlite", "journal"])
def storage(request: pytest.FixtureRequest) -> Node:
    return configured(f"storage={request.param}").storage


def new(storage: Node, directory: Path) -> Record:
    return Record.create(storage, directory, space=SPACE, objective=OBJECTIVE)


def reopened(storage: Node, directory: Path) -> Record:
    return Record.reopen(storage, directory, space=SPACE, objective=OBJECTIVE)


def test_a_trial_is_recorded_before_it_has_ended(storage: Node, tmp_path: Path) -> None:
    record = new(storage, tmp_path)
    assert record.begin(VALUES, Promotion(9, 3, 0), slot=1).id == "0000"
    trials, state = load(storage, tmp_path)
    assert [(t.id, t.status, t.values, t.promotion, t.slot) for t in trials] == [
        ("0000", TrialStatus.RUNNING, VALUES, Promotion(9, 3, 0), 1)
    ]
    assert state == RunState()


def test_a_record_of_an_earlier_format_has_the_present_one_when_a_run_goes_on(storage: Node, tmp_path: Path) -> None:
    new(storage, tmp_path)
    opened = open_storage(storage, tmp_path)
    study = study_of(opened, tmp_path)
    opened.set_study_user_attr(study, FORMAT_KEY, FORMAT - 1)
    reopened(storage, tmp_path)
    assert open_storage(storage, tmp_path).get_study_user_attrs(study)[FORMAT_KEY] == FORMAT


def test_every_outcome_is_read_as_it_was_written(storage: Node, tmp_path: Path) -> None:
    record = new(storage, tmp_path)
    for outcome in OUTCOMES:
        trial = record.begin(VALUES, None, slot=0)
        record.report(trial.number, 0, 0.7)
        record.report(trial.number, 1, float("nan"))
        record.finish(trial, outcome, elapsed=1.5)
    assert [trial.outcome for trial in load(storage, tmp_path)[0]] == OUTCOMES


def test_the_conclusion_is_read_as_it_was_written(storage: Node, tmp_path: Path) -> None:
    scores: dict[str, int | float] = {"wrong": 3, "accuracy": 0.9}
    judged = ModelScores({"a": None, "b": 1.5}, scores, 0.2, {"accuracy": 0.9}, 100, 5, 1.5, {"loss": [2.0, 1.0]})
    comparison = Comparison(
        30,
        judged,
        replace(judged, scores={**scores, "wrong": 1}),
        made_verdict(30, baseline_wrong=4, tuned_wrong=1),
    )
    state = RunState(RunStatus.COMPLETED, "cogs", "0ab1", 12.5, None, "budget.trials: 3 trials are run", comparison)
    state = replace(state, finalists=(Finalist(3, 2, OUTCOMES[0]), Finalist(1, 2, OUTCOMES[1])))
    steps = (Step(0, {}, {"a": None}, 2, OUTCOMES[0]), Step(1, {"a": (None, 0.5)}, {"a": 0.5}, 2, OUTCOMES[1]))
    state = replace(state, path=steps)
    new(storage, tmp_path).update(**{field.name: getattr(state, field.name) for field in fields(state)})
    assert load(storage, tmp_path)[1] == state


def test_a_second_record_in_one_directory_is_refused(storage: Node, tmp_path: Path) -> None:
    new(storage, tmp_path).begin(VALUES, None, slot=0)
    with pytest.raises(ConfigError, match=r"hydra\.run\.dir: expected a directory without a run in it"):
        new(storage, tmp_path)
    assert len(load(storage, tmp_path)[0]) == 1


def test_asks_and_tells_are_counted_in_order_across_a_restart(storage: Node, tmp_path: Path) -> None:
    record = new(storage, tmp_path)
    first, second = (record.begin(VALUES, None, slot=slot) for slot in (0, 1))
    record.finish(second, OUTCOMES[0], elapsed=1.5)
    record.finish(first, OUTCOMES[3], elapsed=1.5)
    later = reopened(storage, tmp_path)
    later.finish(first, OUTCOMES[2], elapsed=1.5)
    assert later.begin(VALUES, None, slot=0).asked == 4
    assert [(t.asked, t.reported_at) for t in load(storage, tmp_path)[0]] == [(0, 3), (1, 2), (4, None)]


def test_an_interrupted_trial_may_end_later(storage: Node, tmp_path: Path) -> None:
    record = new(storage, tmp_path)
    trial = record.begin(VALUES, None, slot=0)
    record.finish(trial, OUTCOMES[3], elapsed=1.5)
    assert not load(storage, tmp_path)[0][0].has_ended
    reopened(storage, tmp_path).finish(trial, OUTCOMES[0], elapsed=1.5)
    (ended,) = load(storage, tmp_path)[0]
    assert ended.has_ended
    assert (ended.outcome, ended.elapsed) == (OUTCOMES[0], 1.5)


def test_the_failures_after_which_a_trial_runs_again_are_kept(storage: Node, tmp_path: Path) -> None:
    record = new(storage, tmp_path)
    trial = replace(record.begin(VALUES, None, slot=0), retried=(Reason.TIMED_OUT, Reason.WORKER_DIED))
    record.retry(trial)
    (again,) = load(storage, tmp_path)[0]
    assert again.retried == trial.retried
    assert again.status is TrialStatus.RUNNING


def test_epochs_of_an_earlier_training_that_came_further_are_left_out(storage: Node, tmp_path: Path) -> None:
    record = new(storage, tmp_path)
    trial = record.begin(VALUES, None, slot=0)
    for epoch in range(4):
        record.report(trial.number, epoch, 0.9)
    record.finish(trial, replace(OUTCOMES[0], last_epoch=2), elapsed=1.0)
    assert load(storage, tmp_path)[0][0].intermediate_values == {0: 0.9, 1: 0.9}


class _FullDisk(io.FileIO):
    """A file on a disk without room."""

    def write(self, *_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_the_record_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = configured("storage=journal").storage
    record = new(storage, tmp_path)
    trial = record.begin(VALUES, None, slot=0)
    with monkeypatch.context() as patch:
        patch.setattr("builtins.open", lambda path, *_, **__: _FullDisk(path))
        with pytest.raises(StorageError, match=r"expected a record that can be written.*No space left on device"):
            record.finish(trial, OUTCOMES[0], elapsed=1.0)
    assert [t.status for t in load(storage, tmp_path)[0]] == [TrialStatus.RUNNING]
    reopened(storage, tmp_path).finish(trial, OUTCOMES[0], elapsed=1.0)
    assert load(storage, tmp_path)[0][0].outcome == OUTCOMES[0]


def test_a_record_that_cannot_be_written_is_not_begun(storage: Node, tmp_path: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limit[1]))  # bytes of a file, as on a full disk
    try:
        with pytest.raises(StorageError, match=r"expected a record that can be written.*Nothing was begun"):
            new(storage, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert list(tmp_path.iterdir()) == []
    new(storage, tmp_path)


def test_a_trial_whose_process_was_killed_between_two_writes_is_closed(
    storage: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = new(storage, tmp_path)
    trial = record.begin(VALUES, None, slot=0)
    monkeypatch.setattr(record, "_close", lambda *_: None)
    record.finish(trial, OUTCOMES[0], elapsed=1.5)
    reopened(storage, tmp_path)
    study = optuna.load_study(study_name=STUDY, storage=open_storage(storage, tmp_path))
    assert study.best_value == OUTCOMES[0].score


def test_a_search_waits_up_to_a_minute_for_readers_of_its_record(tmp_path: Path) -> None:
    opened = open_storage(configured().storage, tmp_path)
    assert isinstance(opened, RDBStorage)
    with opened.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 60_000


def test_a_directory_without_a_record_is_refused(storage: Node, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="without a record"):
        load(storage, tmp_path)


def test_optuna_reads_the_study_with_its_values_and_reports(storage: Node, tmp_path: Path) -> None:
    record = new(storage, tmp_path)
    trial = record.begin(VALUES, None, slot=0)
    record.report(trial.number, 0, 0.9)
    record.report(trial.number, 1, 0.5)
    record.finish(trial, OUTCOMES[0], elapsed=1.5)
    study = optuna.load_study(study_name=STUDY, storage=open_storage(storage, tmp_path))
    assert study.direction is optuna.study.StudyDirection.MINIMIZE
    assert study.metric_names == ["val_loss"]
    assert study.best_trial.params == VALUES
    assert study.best_trial.intermediate_values == {0: 0.9, 1: 0.5}
    assert study.best_value == 0.5


def test_an_inactive_hyperparameter_is_left_out(storage: Node, tmp_path: Path) -> None:
    record = new(storage, tmp_path)
    record.begin({"filters": 4}, None, slot=0)
    assert load(storage, tmp_path)[0][0].values == {"filters": 4}


def test_all_of_a_record_that_was_closed_is_in_its_file(tmp_path: Path) -> None:
    storage = configured().storage
    record = new(storage, tmp_path)
    record.begin(VALUES, None, slot=0)
    assert (tmp_path / "study.db-wal").stat().st_size > 0
    assert len(load(storage, tmp_path)[0]) == 1  # beside the writer
    record.close()
    assert [path.name for path in tmp_path.iterdir()] == ["study.db"]
    assert len(load(storage, tmp_path)[0]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["study.db"]
