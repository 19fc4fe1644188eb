"""Interrupts while the record is written."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest
from optuna.storages import RDBStorage

from tests import simulation
from tests.simulation import SPACE
from toonvision.record.interruption import uninterrupted
from toonvision.record.results import Results
from toonvision.record.run_state import RunStatus
from toonvision.trial.trial import TrialStatus


@pytest.mark.parametrize("error", [None, OSError])
def test_an_interrupt_waits_for_the_end_of_the_block(error: type[Exception] | None) -> None:
    before, steps = signal.getsignal(signal.SIGINT), list[str]()

    @uninterrupted()
    def work() -> None:
        signal.raise_signal(signal.SIGINT)
        steps.append("ended")
        if error:
            raise error

    with pytest.raises(KeyboardInterrupt):
        work()
    assert steps == ["ended"]
    assert signal.getsignal(signal.SIGINT) == before


def test_a_signal_goes_to_the_handler_that_was_there() -> None:
    received = list[int]()
    before = signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    try:
        with uninterrupted():
            signal.raise_signal(signal.SIGTERM)
            assert not received
        assert received == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_another_thread_sets_no_handler() -> None:
    found = list[object]()

    def look() -> None:
        with uninterrupted():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGINT)]


@pytest.mark.parametrize("method", ["create_new_trial", "set_trial_user_attr", "set_trial_state_values"])
def test_a_run_that_is_interrupted_in_the_middle_of_a_write_can_go_on(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, calls = getattr(RDBStorage, method), list[str]()

    def interrupted(*arguments: object, **keywords: object) -> object:
        written = write(*arguments, **keywords)
        calls.append(method)
        if len(calls) == 3:
            signal.raise_signal(signal.SIGINT)
        return written

    monkeypatch.setattr(RDBStorage, method, interrupted)
    with pytest.raises(KeyboardInterrupt):
        simulation.run(tmp_path / "run", *SPACE, "storage=sqlite", "tuner.max_trials=5")
    monkeypatch.undo()
    stopped = Results.load(tmp_path / "run")
    assert stopped.state.status is RunStatus.INTERRUPTED
    assert TrialStatus.RUNNING not in {trial.status for trial in stopped.trials}
    resumed = simulation.resume(tmp_path / "run")
    assert [trial.status for trial in resumed.trials] == [TrialStatus.COMPLETED] * 5
