"""Declarative, config-driven hyperparameter optimization of Keras models.

    cfg = toonvision.compose(["dataset=digits", "tuner.max_trials=5"])
    results = toonvision.run(cfg)
    results.to_frame()

Importing this package imports neither Keras nor TensorFlow: each name is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toonvision.config import compose
    from toonvision.dataset.dataset import Dataset, Split
    from toonvision.errors import ConfigError, DatasetError, SearchError, ToonvisionError
    from toonvision.hypermodel import HyperModel
    from toonvision.results import Results
    from toonvision.start import check, narrow, resume, run, train
    from toonvision.target import trust

__all__ = [
    "ConfigError",
    "Dataset",
    "DatasetError",
    "HyperModel",
    "Results",
    "SearchError",
    "Split",
    "ToonvisionError",
    "check",
    "compose",
    "narrow",
    "resume",
    "run",
    "train",
    "trust",
]

_MODULES = {
    "ConfigError": "errors",
    "Dataset": "dataset.dataset",
    "DatasetError": "errors",
    "HyperModel": "hypermodel",
    "Results": "results",
    "SearchError": "errors",
    "Split": "dataset.dataset",
    "ToonvisionError": "errors",
    "check": "start",
    "compose": "config",
    "narrow": "start",
    "resume": "start",
    "run": "start",
    "train": "start",
    "trust": "target",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
