"""Whether a run can be asked to stop, and the errors if it cannot."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.synthetic_run import conclude, synthetic_run
from toonvision.errors import ConfigError, StorageError
from toonvision.record.run_lock import locked
from toonvision.record.run_state import RunStatus
from toonvision.record.stop_request import FOLDER, StopRequests, asked
from toonvision.record.stopping import stop_run
from toonvision.trial.trial import TrialStatus

RUN = Path("run")  # in the working directory of the test
ENDINGS = (TrialStatus.COMPLETED, TrialStatus.RUNNING, TrialStatus.RUNNING)


def test_a_search_and_a_running_trial_are_asked() -> None:
    synthetic_run(RUN, trials=3, endings=ENDINGS)
    with locked(RUN):
        assert stop_run(RUN, 2).startswith("Trial 0002 ends after its current batch")
        assert asked(RUN) == StopRequests(False, (2,))
        assert stop_run(RUN).endswith("To search on later: toonvision resume run")
        assert asked(RUN).search


@pytest.mark.parametrize(
    ("trial", "message"),
    [
        (0, "TRIAL: expected a trial that is running (0001, 0002). Received: 0000, which is COMPLETED."),
        (3, "TRIAL: expected a trial that is running (0001, 0002). Received: 0003, which has not begun."),
        (-1, "TRIAL: expected a trial that is running (0001, 0002). Received: -001, which has not begun."),
    ],
)
def test_a_trial_that_does_not_run_is_an_error(trial: int, message: str) -> None:
    synthetic_run(RUN, trials=3, endings=ENDINGS)
    with locked(RUN), pytest.raises(ConfigError, match=re.escape(message)):
        stop_run(RUN, trial)
    assert asked(RUN) == StopRequests()


@pytest.mark.parametrize("trial", [None, 1])
def test_a_run_on_which_no_process_works_is_an_error(trial: int | None) -> None:
    synthetic_run(RUN, trials=3, endings=ENDINGS)
    message = "Received: run, on which none does. To go on with it: toonvision resume run"
    with pytest.raises(ConfigError, match=re.escape(message)):
        stop_run(RUN, trial)
    assert asked(RUN) == StopRequests()


def test_final_trainings_are_not_stopped_but_interrupted() -> None:
    results = synthetic_run(RUN, trials=3)
    conclude(results, replace(results.state, is_search_over=True))
    with locked(RUN), pytest.raises(ConfigError, match=r"whose search has ended .* Ctrl-C in its terminal"):
        stop_run(RUN)


def test_a_completed_run_that_is_about_to_be_resumed_is_asked() -> None:
    results = synthetic_run(RUN, trials=3)
    conclude(results, replace(results.state, is_search_over=True, status=RunStatus.COMPLETED))
    with locked(RUN):
        stop_run(RUN)
    assert asked(RUN).search


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    synthetic_run(RUN, trials=3)
    (tmp_path / "outside").mkdir()
    (RUN / FOLDER).symlink_to(tmp_path / "outside")
    with pytest.raises(StorageError, match="no link out of the directory of a run"):
        stop_run(RUN)
