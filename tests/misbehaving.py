"""A callback with which a trial comes to a bad end, by its learning rate."""

from __future__ import annotations

import os
import signal
import time
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
