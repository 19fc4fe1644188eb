"""The history of a trial, read while the trial writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from toonvision.trial.history import HistoryReader

HEADER = "execution,epoch,loss,val_loss\n"


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return tmp_path / "history.csv"


def test_a_missing_file_has_no_epochs(history: Path) -> None:
    assert list(HistoryReader(history).new_epochs()) == []


def test_each_epoch_is_read_once(history: Path) -> None:
    reader = HistoryReader(history)
    history.write_text(HEADER)
    assert list(reader.new_epochs()) == []
    history.write_text(f"{HEADER}0,0,0.5,0.75\n0,1,0.25,0.5\n")
    first = {"execution": 0.0, "epoch": 0.0, "loss": 0.5, "val_loss": 0.75}
    assert list(reader.new_epochs()) == [first, {**first, "epoch": 1.0, "loss": 0.25, "val_loss": 0.5}]
    assert list(reader.new_epochs()) == []


def test_an_incomplete_line_is_read_when_it_is_complete(history: Path) -> None:
    reader = HistoryReader(history)
    history.write_text(f"{HEADER}0,0,0.5,0.")
    assert list(reader.new_epochs()) == []
    history.write_text(f"{HEADER}0,0,0.5,0.75\n")
    assert [row["val_loss"] for row in reader.new_epochs()] == [0.75]
