"""Optuna's storages: opened in a run's directory, to write or only to read, and closed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from optuna.storages import BaseStorage, RDBStorage
from sqlalchemy.engine import make_url

from toonvision.config.node import Node, instantiate
from toonvision.config.tree import branches
from toonvision.errors import ConfigError, Problem

_FILE = "file_path"  # of Optuna's journal, which makes the file if it does not exist


def open_storage(storage: Node, directory: Path) -> BaseStorage:
    """Open the storage that the config group names, for the run in `directory`, to write to it."""
    return _open(storage.target, _in_directory(storage.arguments, str(directory)))


def read_storage(storage: Node, directory: Path) -> BaseStorage:
    """Open the storage that the config group names, for the run in `directory`, only to read it.

    Nothing is created or changed. The run may be at work, and its directory may be write-protected.

    Raises:
        ConfigError: if there is no record.
    """
    arguments = _in_directory(storage.arguments, str(directory))
    files = [Path(str(value)) for path, value in branches(arguments) if path.rpartition(".")[2] == _FILE]
    if not all(file.is_file() for file in files):
        raise no_record(directory)
    if "url" in arguments:
        url = _read_only(str(arguments["url"]), directory)
        arguments = {**arguments, "url": url, "skip_table_creation": True}
    return _open(storage.target, arguments)


def no_record(directory: Path) -> ConfigError:
    """Return the error of a directory that holds no record."""
    return ConfigError(Problem("", "the directory of a run", f"{str(directory)!r}, without a record"))


def write_ahead(storage: BaseStorage) -> None:
    """Let SQLite write ahead: one fsync a transaction instead of three, and readers do not wait for the writer."""
    if isinstance(storage, RDBStorage) and storage.engine.dialect.name == "sqlite":
        with storage.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def close_storage(storage: BaseStorage) -> None:
    """Close the connections; with the last one, SQLite moves the write-ahead log into the database."""
    if isinstance(storage, RDBStorage):
        storage.remove_session()
        storage.engine.dispose()


def _open(target: str, arguments: Mapping[str, Any]) -> BaseStorage:
    opened = instantiate(Node(target, arguments), "storage")
    assert isinstance(opened, BaseStorage)
    if isinstance(opened, RDBStorage):
        # The values of a trial are one statement, not one each, which saves a sixth of the time of recording a trial.
        opened.scoped_session.remove()
        opened.scoped_session.configure(autoflush=False)
    return opened


def _read_only(url: str, directory: Path) -> str:
    """Return the URL of a database such that SQLite neither creates nor changes it."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return url
    file = Path(parsed.database or "")
    if not file.is_file():
        raise no_record(directory)
    options = {"mode": "ro", "uri": "true"}
    if _writes_ahead(file) and not file.with_name(f"{file.name}-wal").exists():
        # Nobody is writing. Without this option SQLite would create two files beside it, or fail if it may not.
        options["immutable"] = "1"
    return parsed.set(database=f"file:{quote(str(file))}", query=options).render_as_string(hide_password=False)


def _writes_ahead(file: Path) -> bool:
    """Whether a database is in WAL mode: bytes 18 and 19 of SQLite's file format (sqlite.org/fileformat2.html)."""
    with file.open("rb") as opened:
        return opened.read(20)[18:] == b"\x02\x02"


def _in_directory(node: Any, directory: str) -> Any:
    if isinstance(node, Mapping):
        return {key: _in_directory(value, directory) for key, value in node.items()}
    return node.replace("{directory}", directory) if isinstance(node, str) else node
