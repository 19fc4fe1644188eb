"""A record that is damaged, or that somebody else has written, is one message: what it holds is checked when read."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.synthetic_run import completed_run
from toonvision.cli import main
from toonvision.errors import StorageError
from toonvision.record.reading import STATE
from toonvision.record.results import Results

TRIAL, RUN = "trial_user_attributes", "study_user_attributes"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("sound") / "run"
    completed_run(run, "storage=sqlite", trials=3, epochs=2)
    return run


@pytest.fixture
def run(sound: Path, tmp_path: Path) -> Path:
    """A copy of a run, to be damaged."""
    return Path(shutil.copytree(sound, tmp_path / "run"))


def changed(stored: Any, path: str, value: object) -> Any:
    """Return stored data with another value at a path of keys, or another value altogether if the path is empty."""
    if not path:
        return value
    key, _, below = path.partition(".")
    return {**stored, key: changed(stored[key], below, value) if below else value}


def rewrite(run: Path, table: str, key: str, path: str, value: object) -> None:
    """Write another value into the JSON that a record holds."""
    with sqlite3.connect(run / "study.db") as database:
        [(found,)] = database.execute(f"SELECT value_json FROM {table} WHERE key = ? LIMIT 1", (key,))
        text = json.dumps(changed(json.loads(found), path, value))
        database.execute(f"UPDATE {table} SET value_json = ? WHERE key = ?", (text, key))
    database.close()


# The table, the attribute, the path in its JSON, and a value that toonvision never writes. One line a case.
CASES: list[tuple[str, str, str, object]] = [
    (TRIAL, "outcome", "", 3),
    (TRIAL, "outcome", "", "text"),
    (TRIAL, "outcome", "", [1]),
    (TRIAL, "outcome", "status", "DONE"),
    (TRIAL, "outcome", "status", None),
    (TRIAL, "outcome", "score", float("nan")),
    (TRIAL, "outcome", "score", float("inf")),
    (TRIAL, "outcome", "score", "<b>"),
    (TRIAL, "outcome", "scores", [float("nan")]),
    (TRIAL, "outcome", "scores", {"a": 1}),
    (TRIAL, "outcome", "metrics", [1]),
    (TRIAL, "outcome", "metrics", {"loss": "x"}),
    (TRIAL, "outcome", "epochs", "many"),
    (TRIAL, "outcome", "last_epoch", "last"),
    (TRIAL, "outcome", "parameters", 1.5),
    (TRIAL, "outcome", "seconds", [1]),
    (TRIAL, "outcome", "error", {"a": 1}),
    (TRIAL, "outcome", "reason", "NOTHING"),
    (TRIAL, "outcome", "told", "x"),
    (TRIAL, "outcome", "ended", "yesterday"),
    (TRIAL, "proposal", "", None),
    (TRIAL, "proposal", "", []),
    (TRIAL, "proposal", "promotion", 3),
    (TRIAL, "proposal", "promotion", {"epochs": "x"}),
    (TRIAL, "proposal", "slot", "x"),
    (TRIAL, "proposal", "round", ["x"]),
    (RUN, STATE, "", 3),
    (RUN, STATE, "", [1]),
    (RUN, STATE, "status", "GONE"),
    (RUN, STATE, "seconds", "x"),
    (RUN, STATE, "dataset", 3),
    (RUN, STATE, "finalists", 3),
    (RUN, STATE, "finalists", [{"number": 1}]),
    (RUN, STATE, "path", [1]),
    (RUN, STATE, "comparison", {"test_examples": 1}),
    (RUN, STATE, "comparison.test_examples", "x"),
    (RUN, STATE, "comparison.tuned.scores.wrong", "x"),
    (RUN, STATE, "comparison.verdict.confidence", None),
    (RUN, STATE, "comparison.verdict.tuned.measures.wrong.seeds", "x"),
]


@pytest.mark.parametrize(("table", "key", "path", "value"), CASES)
def test_what_toonvision_never_writes_is_refused(run: Path, table: str, key: str, path: str, value: object) -> None:
    rewrite(run, table, key, path, value)
    with pytest.raises(StorageError, match="expected a record that toonvision has written") as raised:
        Results.load(run)
    assert len(str(raised.value)) < 600


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 4096, b"\0" * 100])
def test_a_file_that_is_no_record_is_refused(run: Path, content: bytes) -> None:
    (run / "study.db").write_bytes(content)
    with pytest.raises(StorageError, match="expected a record that toonvision has written"):
        Results.load(run)


def test_a_database_of_another_program_is_refused(run: Path) -> None:
    (run / "study.db").unlink()
    with sqlite3.connect(run / "study.db") as database:
        database.execute("CREATE TABLE songs (title TEXT)")
    database.close()
    with pytest.raises(StorageError, match="expected a record that toonvision has written"):
        Results.load(run)


@pytest.mark.parametrize("command", [["report"], ["narrow"], ["compare", "run"], ["resume"]])
def test_each_command_says_so_once_and_exits_with_1(
    run: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(run, TRIAL, "outcome", "score", "\x1b[31m")
    assert main([*command, "run"]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("toonvision: run: expected a record that toonvision has written. Received: ")
    assert errors.count("toonvision: ") == 1
    assert "\x1b" not in errors


@pytest.mark.parametrize("name", ["config.yaml", "overrides.yaml"])
@pytest.mark.parametrize("content", [b"a: [", b"\xff\xfe", b"a: \x00", b"[" * 5000, b"a: 1\n" * 100_000])
def test_a_configuration_that_cannot_be_read_is_named(
    run: Path, name: str, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / ".hydra" / name).write_bytes(content)
    assert main(["report", "run"]) == 1
    assert capsys.readouterr().err.startswith(f"toonvision: run/.hydra/{name}: expected ")


def test_fields_of_another_version_are_ignored(run: Path) -> None:
    rewrite(run, TRIAL, "outcome", "energy", 3)
    rewrite(run, RUN, STATE, "weather", "fine")
    assert len(Results.load(run).trials) == 3
