"""Optuna's storages: opened in a run's directory, to write or only to read, and closed."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from optuna.storages import BaseStorage, RDBStorage
from sqlalchemy.engine import make_url

from toonvision.config.node import Node, instantiate
from toonvision.config.tree import branches
from toonvision.errors import ConfigError, Problem, StorageError

_FILE = "file_path"  # of Optuna's journal, which makes the file if it does not exist


def open_storage(storage: Node, directory: Path) -> BaseStorage:
    """Open the storage that the config group names, for the run in `directory`, to write to it.

    Raises:
        StorageError: if it holds what Optuna does not write.
    """
    return _open(storage.target, _arguments(storage, directory))


@contextlib.contextmanager
def new_storage(storage: Node, directory: Path) -> Iterator[BaseStorage]:
    """Yield a new storage, whose files come into the run's directory when the block has ended.

    So they hold all of what is written in the block, or are not there: also if the process is killed.
    """
    making = directory / "record.new"
    shutil.rmtree(making, ignore_errors=True)  # of a process that was killed
    making.mkdir()
    try:
        opened = open_storage(storage, making)
        try:
            _write_ahead(opened)
            yield opened
        finally:
            close_storage(opened)
        for file in making.iterdir():
            for older in directory.glob(f"{file.name}-*"):  # SQLite would take its log or journal for the new file's
                older.unlink()
            file.replace(directory / file.name)
    finally:
        shutil.rmtree(making)


def read_storage(storage: Node, directory: Path) -> BaseStorage:
    """Open the storage that the config group names, for the run in `directory`, only to read it.

    Nothing is created or changed. The run may be at work, and its directory may be write-protected.

    Raises:
        ConfigError: if there is no record.
        StorageError: if it holds what Optuna does not write.
    """
    arguments = _arguments(storage, directory)
    files = [Path(str(value)) for path, value in branches(arguments) if path.rpartition(".")[2] == _FILE]
    if not all(file.is_file() for file in files):
        raise no_record(directory)
    if "url" in arguments:
        if file := _database(arguments):
            if not file.is_file():
                raise no_record(directory)
            query = {**_read_only(file), "uri": "true"}
            url = make_url(str(arguments["url"])).set(database=f"file:{quote(str(file))}", query=query)
            arguments = {**arguments, "url": url.render_as_string(hide_password=False)}
        arguments = {**arguments, "skip_table_creation": True}
    return _open(storage.target, arguments)


def dashboard_storage(storage: Node, directory: Path) -> str | None:
    """Return what optuna-dashboard takes for the storage of a run: a URL without its password, or a journal's file."""
    arguments: Mapping[str, Any] = _in_directory(storage.arguments, str(directory))
    if "url" in arguments:
        return make_url(str(arguments["url"])).render_as_string(hide_password=True)
    files = [str(value) for path, value in branches(arguments) if path.rpartition(".")[2] == _FILE]
    return files[0] if files else None


def no_record(directory: Path) -> ConfigError:
    """Return the error of a directory that holds no record."""
    return ConfigError(Problem("", "the directory of a run", f"{str(directory)!r}, without a record"))


def close_storage(storage: BaseStorage) -> None:
    """Close the connections; with the last one, SQLite moves the write-ahead log into the database."""
    if isinstance(storage, RDBStorage):
        storage.remove_session()
        storage.engine.dispose()


def _write_ahead(storage: BaseStorage) -> None:
    """Let SQLite write ahead: one fsync a transaction instead of three, and readers do not wait for the writer."""
    if isinstance(storage, RDBStorage) and storage.engine.dialect.name == "sqlite":
        with storage.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def _open(target: str, arguments: Mapping[str, Any]) -> BaseStorage:
    opened = instantiate(Node(target, arguments), "storage")
    assert isinstance(opened, BaseStorage)
    if isinstance(opened, RDBStorage):
        # The values of a trial are one statement, not one each, which saves a sixth of the time of recording a trial.
        opened.scoped_session.remove()
        opened.scoped_session.configure(autoflush=False)
    return opened


def _arguments(storage: Node, directory: Path) -> Mapping[str, Any]:
    """Return the arguments of a storage, with the directory of the run, after a look into its database."""
    arguments: Mapping[str, Any] = _in_directory(storage.arguments, str(directory))
    if file := _database(arguments):
        _refuse_programs(file)
    return arguments


def _database(arguments: Mapping[str, Any]) -> Path | None:
    """Return the file of a SQLite database, whether it exists or not; None for another storage."""
    parsed = make_url(str(arguments["url"])) if "url" in arguments else None
    return Path(parsed.database or "") if parsed and parsed.get_backend_name() == "sqlite" else None


def _refuse_programs(file: Path) -> None:
    """Raise StorageError for a database with views or triggers: reading a view may never end."""
    if not file.is_file():
        return
    name = f"file:{quote(str(file))}?{urlencode(_read_only(file))}"
    try:
        with contextlib.closing(sqlite3.connect(name, uri=True)) as opened:
            found = opened.execute("SELECT type, name FROM sqlite_master WHERE type IN ('view', 'trigger')").fetchone()
    except sqlite3.Error:
        return  # reported by who reads it
    if found:
        raise StorageError(Problem(str(file), "a database of tables only", f"the {found[0]} {found[1]!r}"))


def _read_only(file: Path) -> dict[str, str]:
    """Return the options of a URI with which SQLite neither creates nor changes a database."""
    if _writes_ahead(file) and not file.with_name(f"{file.name}-wal").exists():
        # Nobody is writing. Without this option SQLite would create two files beside it, or fail if it may not.
        return {"mode": "ro", "immutable": "1"}
    return {"mode": "ro"}


def _writes_ahead(file: Path) -> bool:
    """Whether a database is in WAL mode: bytes 18 and 19 of SQLite's file format (sqlite.org/fileformat2.html)."""
    with file.open("rb") as opened:
        return opened.read(20)[18:] == b"\x02\x02"


def _in_directory(node: Any, directory: str) -> Any:
    if isinstance(node, Mapping):
        return {key: _in_directory(value, directory) for key, value in node.items()}
    return node.replace("{directory}", directory) if isinstance(node, str) else node
