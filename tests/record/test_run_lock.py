"""The lock of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from toonvision.errors import ConfigError
from toonvision.record import stop_request
from toonvision.record.run_lock import is_locked, locked


def test_a_run_is_locked_by_one_process_at_a_time(tmp_path: Path) -> None:
    assert not is_locked(tmp_path)
    assert not list(tmp_path.iterdir())  # to look changes nothing
    with locked(tmp_path):
        assert is_locked(tmp_path)
        with pytest.raises(ConfigError, match="expected a run that no other process works on"), locked(tmp_path):
            pass
    assert not is_locked(tmp_path)


def test_a_session_forgets_what_earlier_ones_were_asked_and_not_what_it_is_asked_itself(tmp_path: Path) -> None:
    stop_request.ask(tmp_path)
    with locked(tmp_path):
        assert not stop_request.asked(tmp_path).search
        stop_request.ask(tmp_path)
        with pytest.raises(ConfigError), locked(tmp_path):
            pass
        assert stop_request.asked(tmp_path).search
