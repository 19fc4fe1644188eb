"""Event files: a reader sees each event when it is added, and TensorFlow is not needed to write it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.scalar.summary_v2 import scalar_pb

from toonvision.training.event_file import EventFile


def events(path: Path) -> list[Event]:
    return [Event.FromString(record) for record in RawEventFileLoader(str(path)).Load()]


def test_an_event_is_there_before_the_file_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "x.tfevents"
    with EventFile(path, wall_time=1.0) as file:
        file.add(scalar_pb("loss", 0.5), step=3, wall_time=2.0)
        first, second = events(path)
    assert (first.file_version, first.wall_time) == ("brain.Event:2", 1.0)
    assert (second.step, second.wall_time) == (3, 2.0)
    [value] = second.summary.value
    assert value.tag == "loss"
    assert value.tensor.float_val[0] == pytest.approx(0.5)


def test_tensorflow_is_not_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from toonvision.training.event_file import EventFile; "
        "from tensorboard.plugins.scalar.summary_v2 import scalar_pb; "
        "file = EventFile(Path('x.tfevents'), wall_time=1.0); "
        "file.add(scalar_pb('loss', 0.5), step=0, wall_time=1.0); file.close(); print('tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
