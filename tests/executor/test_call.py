"""A function call that crosses a process border, here within one process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import executor_task
from tests.configuration import configured
from toonvision.executor.call import pack, run, unpack


def test_the_value_of_a_call_is_returned() -> None:
    assert unpack(run(pack(executor_task.add, 1, b=2))) == 3


def test_an_exception_is_raised_again_with_the_traceback_of_the_worker() -> None:
    with pytest.raises(ValueError, match="no luck") as raised:
        unpack(run(pack(executor_task.fail, "no luck")))
    assert str(raised.value) == "no luck"
    assert "in fail" in raised.value.__notes__[0]


def test_a_call_runs_in_the_surroundings_in_which_it_was_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    task = pack(executor_task.surroundings, "KERAS_BACKEND")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    directory, path, variables = unpack(run(task))
    assert (directory, variables) == (str(tmp_path), {"KERAS_BACKEND": "jax"})
    assert str(Path(executor_task.__file__).parent) in path.split(os.pathsep)


def test_a_task_carries_no_data() -> None:
    task = pack(repr, configured().default_trial)
    assert len(task.call) < 20_000
