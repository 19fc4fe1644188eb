"""Reading a record creates and changes nothing, also while a search writes it or in a write-protected directory."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.configuration import configured
from toonvision.config.node import Node
from toonvision.errors import ConfigError, StorageError
from toonvision.record.reading import FORMAT, FORMAT_KEY, holds_record, load
from toonvision.record.record import Record
from toonvision.record.run_state import RunState
from toonvision.record.storage import close_storage, dashboard_storage, open_storage
from toonvision.trial.objective import Objective
from toonvision.trial.trial import Outcome, TrialStatus

SPACE = {"units": {"hp": "Int", "min_value": 1, "max_value": 8}}
OBJECTIVE = Objective(name="val_loss", direction="min")


def named(storage: str) -> Node:
    return configured(f"storage={storage}").storage


@pytest.fixture(params=["sqlite", "journal"])
def storage(request: pytest.FixtureRequest) -> Node:
    return named(request.param)


def begun(storage: Node, directory: Path, trials: int = 1) -> Record:
    directory.mkdir(exist_ok=True)
    record = Record.create(storage, directory, space=SPACE, objective=OBJECTIVE)
    for number in range(trials):
        trial = record.begin({"units": number + 1}, None, slot=0)
        record.finish(trial, Outcome(TrialStatus.COMPLETED, 0.5), elapsed=1.0)
    return record


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_reading_a_finished_record_leaves_the_directory_as_it_is(storage: Node, tmp_path: Path) -> None:
    begun(storage, tmp_path / "run").close()
    before = files(tmp_path / "run")
    assert len(load(storage, tmp_path / "run")[0]) == 1
    assert files(tmp_path / "run") == before


def test_reading_a_directory_without_a_record_creates_none(storage: Node, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="without a record"):
        load(storage, tmp_path)
    assert files(tmp_path) == {}


def test_a_record_can_be_read_while_it_is_written(storage: Node, tmp_path: Path) -> None:
    record = begun(storage, tmp_path / "run", trials=2)
    assert len(load(storage, tmp_path / "run")[0]) == 2
    record.begin({"units": 5}, None, slot=0)
    assert len(load(storage, tmp_path / "run")[0]) == 3


def test_what_a_killed_search_wrote_ahead_is_read(tmp_path: Path) -> None:
    record = begun(named("sqlite"), tmp_path / "run", trials=2)
    shutil.copytree(tmp_path / "run", tmp_path / "killed")
    record.close()
    assert (tmp_path / "killed" / "study.db-wal").stat().st_size > 0
    assert len(load(named("sqlite"), tmp_path / "killed")[0]) == 2


def test_a_database_without_write_ahead_is_read(tmp_path: Path) -> None:
    begun(named("sqlite"), tmp_path / "run").close()
    connection = sqlite3.connect(tmp_path / "run" / "study.db")
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    before = files(tmp_path / "run")
    assert len(load(named("sqlite"), tmp_path / "run")[0]) == 1
    assert files(tmp_path / "run") == before


READ = """
import json, sys
from pathlib import Path
from toonvision.config.node import Node
from toonvision.record.reading import load
for run, target, arguments in json.loads(sys.argv[1]):
    try:
        (Path(run) / "new").touch()
    except PermissionError:
        print(len(load(Node(target, arguments), Path(run))[0]))
"""


@pytest.mark.engine
def test_a_write_protected_directory_is_read(tmp_path: Path) -> None:
    nodes = {name: named(name) for name in ("sqlite", "journal")}
    for number, (name, storage) in enumerate(nodes.items()):
        begun(storage, tmp_path / name, trials=number + 1).close()
        (tmp_path / name).chmod(0o555)
    arguments = [(str(tmp_path / name), storage.target, storage.arguments) for name, storage in nodes.items()]
    # Root may write everywhere, unless it gives up this right.
    as_user = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if os.getuid() == 0 else []
    command = [*as_user, sys.executable, "-c", READ, json.dumps(arguments)]
    ran = subprocess.run(command, capture_output=True, text=True)
    for name in nodes:
        (tmp_path / name).chmod(0o755)
    assert (ran.stdout, ran.stderr) == ("1\n2\n", "")


def test_a_moved_directory_is_read_where_it_is_now(storage: Node, tmp_path: Path) -> None:
    begun(storage, tmp_path / "before").close()
    (tmp_path / "before").rename(tmp_path / "a name, 50% #2 é")
    assert len(load(storage, tmp_path / "a name, 50% #2 é")[0]) == 1
    assert not (tmp_path / "before").exists()


def test_a_file_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "study.db").write_text("not a database " * 100)
    with pytest.raises(StorageError, match=r"that toonvision has written\. Received: .*not a database"):
        load(named("sqlite"), tmp_path)


def create_and_die(storage: Node, directory: Path, statements: int) -> None:
    """Create a record in a process that is killed after so many statements of SQL."""
    child = os.fork()
    if child == 0:
        left = itertools.count(1)

        def count(*_: object) -> None:
            if next(left) == statements:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "after_cursor_execute", count)
        event.listen(Engine, "commit", count)
        Record.create(storage, directory, space=SPACE, objective=OBJECTIVE, state=RunState(dataset="cogs"))
        os._exit(0)
    os.waitpid(child, 0)


def test_a_killed_search_leaves_a_whole_record_or_none(tmp_path: Path) -> None:
    storage = named("sqlite")
    killed = 0
    while not holds_record(storage, tmp_path):
        create_and_die(storage, tmp_path, statements=1 + 7 * killed)
        killed += 1
    assert load(storage, tmp_path)[1].dataset == "cogs"
    assert killed > 10
    assert not (tmp_path / "record.new").exists()


def test_a_log_that_an_earlier_version_left_is_not_taken_for_the_new_record_s(tmp_path: Path) -> None:
    begun(named("sqlite"), tmp_path, trials=2)  # not closed, as if it were killed
    (tmp_path / "study.db").unlink()
    record = begun(named("sqlite"), tmp_path, trials=1)
    assert len(record.trials) == 1


def test_a_record_of_a_newer_format_is_refused(storage: Node, tmp_path: Path) -> None:
    begun(storage, tmp_path / "run").close()
    opened = open_storage(storage, tmp_path / "run")
    study = opened.get_study_id_from_name("toonvision")
    assert opened.get_study_user_attrs(study)[FORMAT_KEY] == FORMAT
    opened.set_study_user_attr(study, FORMAT_KEY, FORMAT + 1)
    close_storage(opened)
    with pytest.raises(ConfigError, match=f"format {FORMAT} or older. Received: format {FORMAT + 1}"):
        load(storage, tmp_path / "run")
    with pytest.raises(ConfigError, match=f"format {FORMAT} or older. Received: format {FORMAT + 1}"):
        Record.reopen(storage, tmp_path / "run", space=SPACE, objective=OBJECTIVE)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE trials RENAME TO t; CREATE VIEW trials AS SELECT t.* FROM t, "
        "(WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n)",  # never ends
        "CREATE TRIGGER wrong AFTER INSERT ON trials BEGIN DELETE FROM studies; END",
    ],
    ids=["view", "trigger"],
)
def test_a_database_that_runs_something_is_refused(statement: str, tmp_path: Path) -> None:
    storage = named("sqlite")
    begun(storage, tmp_path / "run").close()
    with contextlib.closing(sqlite3.connect(tmp_path / "run" / "study.db")) as opened:
        opened.executescript(statement)
    before = files(tmp_path / "run")
    with pytest.raises(StorageError, match=r"study\.db: expected a database of tables only"):
        load(storage, tmp_path / "run")
    with pytest.raises(StorageError, match=r"study\.db: expected a database of tables only"):
        Record.reopen(storage, tmp_path / "run", space=SPACE, objective=OBJECTIVE)
    assert files(tmp_path / "run") == before


@pytest.mark.parametrize(
    ("storage", "shown"),
    [
        (Node("optuna.storages.RDBStorage", {"url": "sqlite:///{directory}/study.db"}), "sqlite:///run/study.db"),
        (Node("optuna.storages.RDBStorage", {"url": "postgresql://me:secret@host/db"}), "postgresql://me:***@host/db"),
        (Node("optuna.storages.JournalStorage", {"log_storage": {"file_path": "{directory}/a"}}), "run/a"),
        (Node("optuna.storages.InMemoryStorage", {}), None),
    ],
)
def test_optuna_dashboard_is_given_the_storage_without_its_password(storage: Node, shown: str | None) -> None:
    assert dashboard_storage(storage, Path("run")) == shown
