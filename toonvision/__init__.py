"""Declarative, config-driven hyperparameter optimization of Keras models.

    cfg = toonvision.compose(["dataset=digits", "tuner.max_trials=5"])
    results = toonvision.run(cfg)
    results.to_frame()

Importing this package imports neither Keras nor TensorFlow: each public name is imported at its first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toonvision.adoption.adopt import adopt
    from toonvision.api import check, narrow, resume, run, train
    from toonvision.config.compose import compose
    from toonvision.config.trust import trust
    from toonvision.dataset.dataset import Dataset, Split
    from toonvision.errors import ConfigError, DatasetError, SearchError, ToonvisionError
    from toonvision.hypermodel import HyperModel
    from toonvision.inference import export, predict
    from toonvision.record.results import Results

__all__ = [
    "ConfigError",
    "Dataset",
    "DatasetError",
    "HyperModel",
    "Results",
    "SearchError",
    "Split",
    "ToonvisionError",
    "adopt",
    "check",
    "compose",
    "export",
    "narrow",
    "predict",
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
    "Results": "record.results",
    "SearchError": "errors",
    "Split": "dataset.dataset",
    "ToonvisionError": "errors",
    "adopt": "adoption.adopt",
    "check": "api",
    "compose": "config.compose",
    "export": "inference",
    "narrow": "api",
    "predict": "inference",
    "resume": "api",
    "run": "api",
    "train": "api",
    "trust": "config.trust",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
