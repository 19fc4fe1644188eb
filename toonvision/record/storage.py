"""Optuna's storages: opened in a run's directory, made fast, and let go of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optuna.storages import BaseStorage, RDBStorage

from toonvision.config.compose import instantiate


def open_storage(storage: Mapping[str, Any], directory: Path) -> BaseStorage:
    """Open the storage that the config group names, for the run in `directory`."""
    opened = instantiate(_in_directory(storage, str(directory)), "storage")
    assert isinstance(opened, BaseStorage)
    if isinstance(opened, RDBStorage):
        # The values of a trial in one statement, not one each: a sixth of what the record of a trial costs.
        opened.scoped_session.remove()
        opened.scoped_session.configure(autoflush=False)
    return opened


def write_ahead(storage: BaseStorage) -> None:
    """Let SQLite write ahead: one fsync a transaction where it has three, and readers do not wait for the writer."""
    if isinstance(storage, RDBStorage) and storage.engine.dialect.name == "sqlite":
        with storage.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def close_storage(storage: BaseStorage) -> None:
    """Close its connections; with the last one, SQLite moves what it has written ahead into the one file."""
    if isinstance(storage, RDBStorage):
        storage.remove_session()
        storage.engine.dispose()


def _in_directory(node: Any, directory: str) -> Any:
    if isinstance(node, Mapping):
        return {key: _in_directory(value, directory) for key, value in node.items()}
    return node.replace("{directory}", directory) if isinstance(node, str) else node
