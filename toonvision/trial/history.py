"""A trial's `history.csv`, read while the trial is still writing it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

Row = dict[str, float]  # an epoch's metrics, and where it stands
POSITION = ("execution", "epoch")
DATA_WAITING = "data_waiting"  # the share of an epoch that waited for batches; only where these are not just arrays


class HistoryReader:
    """Yields each line of a history once, as soon as it is complete.

    Args:
        path: of the file, which need not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0
        self._header: list[str] = []

    def new_epochs(self) -> Iterator[Row]:
        """Yield `execution`, `epoch` and the metrics of the epochs that have ended since the last look."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._read)
            content = file.read()
        lines = content[: content.rfind(b"\n") + 1]
        self._read += len(lines)
        for row in csv.reader(lines.decode().splitlines()):
            if self._header:
                yield {name: float(value) for name, value in zip(self._header, row, strict=True)}
            else:
                self._header = row
