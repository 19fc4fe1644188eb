"""Problems as data, and the exceptions that carry them."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from toonvision.errors import ConfigError, DatasetError, Problem, SearchError, StorageError, did_you_mean, room_on_disk


def test_several_problems_are_counted_and_listed_once_each() -> None:
    problems = [Problem("x", "a", "b"), Problem("y", "c", "d", "Do e."), Problem("x", "a", "b")]
    assert str(ConfigError(*problems)) == (
        "2 errors in the configuration:\n- x: expected a. Received: b.\n- y: expected c. Received: d. Do e."
    )


def test_a_single_problem_is_the_message() -> None:
    assert str(ConfigError(Problem("x", "a", "b"))) == "x: expected a. Received: b."


@pytest.mark.parametrize(
    ("name", "hint"), [("tunner", " Did you mean 'tuner'?"), ("Tuner", " Did you mean 'tuner'?"), ("x", "")]
)
def test_a_similar_name_is_proposed(name: str, hint: str) -> None:
    assert did_you_mean(name, ["tuner", "training"]) == hint


def test_only_an_error_of_the_configuration_exits_with_2() -> None:
    codes = {error.__name__: error.exit_code for error in (ConfigError, DatasetError, SearchError, StorageError)}
    assert codes == {"ConfigError": 2, "DatasetError": 1, "SearchError": 1, "StorageError": 1}


def test_a_full_disk_names_the_command_to_go_on(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=f"toonvision resume {tmp_path}$"), room_on_disk(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_another_error_of_the_system_is_raised_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), room_on_disk(tmp_path):
        (tmp_path / "missing").read_text()


def test_a_beginning_of_one_known_name_means_this_one() -> None:
    assert did_you_mean("val_acc", ["val_accuracy", "val_auc"]) == " Did you mean 'val_accuracy'?"
    assert did_you_mean("val_a", ["val_ab", "val_ac"]) != ""
