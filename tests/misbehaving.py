"""Callbacks with which a trial comes to a bad end."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import keras


class Misbehaving(keras.callbacks.Callback):
    """Kills its process at 0.03, takes too much memory at 0.02, hangs at 0.01, and does nothing else."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        rate = round(float(self.model.optimizer.learning_rate), 4)
        if rate == 0.03:
            os.kill(os.getpid(), signal.SIGKILL)
        if rate == 0.02:
            block = b"1" * 2**31
            time.sleep(60)
            del block
        if rate == 0.01:
            time.sleep(600)


class Killed(keras.callbacks.Callback):
    """Notes each epoch in the file `epochs`, and kills the process in the sixth one of a new trial."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        with Path("epochs").open("a+", encoding="utf-8") as file:
            file.seek(0)
            noted = file.read().split()
            file.write(f"{epoch} ")
        if epoch == 5 and "5" not in noted:
            os.kill(os.getpid(), signal.SIGKILL)
