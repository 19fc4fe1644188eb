"""Reading a record: what it holds is checked, and a study of another version or none is refused."""

from __future__ import annotations

from pathlib import Path

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.study import StudyDirection
from optuna.trial import TrialState

from tests.synthetic_run import completed_run
from toonvision.config.node import Node
from toonvision.errors import ConfigError, StorageError
from toonvision.record import reading
from toonvision.record.reading import FORMAT, FORMAT_KEY, STUDY, load, load_study, readable, state_of, study_of
from toonvision.record.run_state import RunState, RunStatus


def test_trials_and_state_are_read_in_the_order_asked(tmp_path: Path) -> None:
    results = completed_run(tmp_path / "run", trials=12)
    trials, state = load(results.config.storage, results.directory)
    assert [trial.number for trial in trials] == list(range(12))
    assert state.status is RunStatus.COMPLETED


def test_the_study_in_memory_has_the_trials_of_the_record(tmp_path: Path) -> None:
    results = completed_run(tmp_path / "run", trials=12)
    study = load_study(results.config.storage, results.directory)
    assert [trial.params for trial in study.trials] == [trial.values for trial in results.trials]


def test_a_range_of_an_earlier_version_ends_above_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = optuna.storages.InMemoryStorage()
    study, values = storage.create_new_study([StudyDirection.MINIMIZE], STUDY), [0.1, 0.1 + 0.1 + 0.1]
    for value in values:
        number = storage.create_new_trial(study)
        storage.set_trial_param(number, "rate", value, FloatDistribution(0.0, 0.3, step=0.1))
        storage.set_trial_state_values(number, TrialState.COMPLETE, [1.0])
    monkeypatch.setattr(reading, "read_storage", lambda *_: storage)
    monkeypatch.setattr(reading, "close_storage", lambda _: None)
    found = load_study(Node("storage"), Path("run"))
    assert [trial.params["rate"] for trial in found.trials] == values
    assert [trial.distributions["rate"] for trial in found.trials] == [FloatDistribution(0.0, 0.4, step=0.1)] * 2


def test_a_study_without_a_state_is_running() -> None:
    assert state_of({}) == RunState()


def test_a_storage_without_a_run_or_with_a_newer_one_is_refused() -> None:
    storage = optuna.storages.InMemoryStorage()
    with pytest.raises(ConfigError, match="without a record"):
        study_of(storage, Path("run"))
    study = optuna.create_study(study_name=STUDY, storage=storage)
    study.set_user_attr(FORMAT_KEY, FORMAT + 1)
    with pytest.raises(ConfigError, match=f"expected a record of format {FORMAT} or older"):
        study_of(storage, Path("run"))


def test_an_error_of_toonvision_passes_and_any_other_is_a_damaged_record() -> None:
    with pytest.raises(ConfigError, match="mine"), readable(Path("run")):
        raise ConfigError("mine")
    damaged = r"^run: expected a record that toonvision has written\. Received: KeyError"
    with pytest.raises(StorageError, match=damaged), readable(Path("run")):
        raise KeyError("proposal")
