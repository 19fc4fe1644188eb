"""What worker processes have in memory from the start: the process from which they are forked imports this module.

No other process imports it. It imports Keras on TensorFlow, and computes nothing: TensorFlow's threads, which would not
survive a fork, begin with the first operation.
"""

from __future__ import annotations

import importlib
import multiprocessing.spawn
import signal

from toonvision.training.backend import load_backend

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
# A worker needs nothing of the user's script, which would run again if it has no guard.
for _name in ("_fixup_main_from_name", "_fixup_main_from_path"):
    setattr(multiprocessing.spawn, _name, lambda _: None)

load_backend("tensorflow")
importlib.import_module("toonvision.training.execute")
importlib.import_module("loky.process_executor")
