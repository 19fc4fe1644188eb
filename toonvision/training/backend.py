"""Keras's backend: chosen before Keras is imported, and imported without its noise."""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from toonvision.config.directory import cache_directory
from toonvision.errors import ConfigError, Problem

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"  # whether TensorFlow computes with oneDNN
_X86 = ("x86_64", "AMD64")
# Of JAX, each unless the user has set it. XLA compiles the steps of each trial anew: two of training (the last batch
# is smaller) and two of validation.
_JAX = {
    # With the default, XLA on a CPU takes seconds for each shape of random numbers: 38 s of CPU for a first training of
    # two on digits, and 19 s with this. The numbers are as good; only arrays over several devices need the default.
    "JAX_THREEFRY_PARTITIONABLE": "0",
    # What has been compiled is kept for other trainings of the same model, also in other workers and runs.
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.2",
    "JAX_COMPILATION_CACHE_MAX_SIZE": str(2**30),  # bytes
}


def load_backend(name: str, *, deterministic: bool = False) -> None:
    """Import Keras on the backend `name`: tensorflow, jax or torch.

    Args:
        name: of the backend.
        deterministic: whether its operations give the same result each time, for the rest of the process. JAX on a GPU
            must not be imported before.

    Raises:
        ConfigError: if the backend is not installed, or this process already runs Keras on another one.
    """
    check_backend(name)
    if "keras" not in sys.modules:
        if deterministic:  # JAX reads it at its import
            os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_gpu_deterministic_ops=true".strip()
        _import_keras(name)
    if deterministic:
        _make_deterministic(name)


def _import_keras(name: str) -> None:
    os.environ["KERAS_BACKEND"] = name
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # TensorFlow computes with oneDNN only on processors with AVX-512 VNNI or newer. On one with AVX2 a convolution of
    # images with three channels takes a sixth of the time with it, and an epoch of the article's CNN half of it.
    if platform.machine() in _X86:
        os.environ.setdefault(ONEDNN, "1")
    if name == "jax":
        for variable, value in {**_JAX, "JAX_COMPILATION_CACHE_DIR": str(cache_directory() / "jax")}.items():
            os.environ.setdefault(variable, value)
    with _silenced_stderr():
        importlib.import_module("keras")
        importlib.import_module("keras_tuner")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of every trial's retracing
    # Keras collects garbage at every clear_session; without this, it would walk all that was just imported (0.25 s).
    gc.freeze()


def import_tensorflow() -> Any:
    """Return TensorFlow, imported without its noise: for what runs in it on every backend."""
    if "tensorflow" not in sys.modules:
        with _silenced_stderr():
            importlib.import_module("tensorflow")
    return sys.modules["tensorflow"]


def _make_deterministic(name: str) -> None:
    backend = importlib.import_module(name)
    if name == "tensorflow":
        backend.config.experimental.enable_op_determinism()
    elif name == "torch":
        backend.use_deterministic_algorithms(True)


def check_backend(name: str) -> None:
    """Raise ConfigError if `load_backend` would; nothing is imported."""
    if "keras" in sys.modules:
        loaded = sys.modules["keras"].backend.backend()
        if loaded != name:
            expected = f"{loaded}, on which this process already runs Keras"
            raise ConfigError(Problem("backend", expected, repr(name)))
    elif importlib.util.find_spec(name) is None:
        raise ConfigError(Problem("backend", "an installed one", repr(name), f"Install it: pip install {name}."))


@contextlib.contextmanager
def _silenced_stderr() -> Iterator[None]:
    """Keep what is written to the process's standard error, by C++ too, and show it only if the import fails."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        visible = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(visible, 2)
            kept.seek(0)
            sys.stderr.write(kept.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(visible, 2)
            os.close(visible)
