"""TensorBoard's event files, without TensorFlow: `tensorboard.summary.Writer` imports it wherever it is installed."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

_FORMAT = "brain.Event:2"


class EventFile:
    """A file of events, which TensorBoard may read while it is written.

    Args:
        path: of the file; TensorBoard finds it if its name contains `tfevents`.
        wall_time: at which it is made, in seconds since 1970.
    """

    def __init__(self, path: Path, *, wall_time: float) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._records = RecordWriter(path.open("wb"))
        self._records.write(Event(file_version=_FORMAT, wall_time=wall_time).SerializeToString())

    def __enter__(self) -> EventFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def add(self, summary: Summary, *, step: int, wall_time: float) -> None:
        """Append an event, which a reader sees at once.

        Args:
            summary: its values.
            step: at which they were measured.
            wall_time: the same in seconds since 1970.
        """
        self._records.write(Event(summary=summary, step=step, wall_time=wall_time).SerializeToString())
        self._records.flush()

    def close(self) -> None:
        """Close the file."""
        self._records.close()
