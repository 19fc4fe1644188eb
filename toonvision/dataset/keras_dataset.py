"""The image sets of `keras.datasets`: downloaded once by Keras, then read from the cache."""

from __future__ import annotations

import hashlib
import os
import pickle
import socket
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from toonvision.dataset.cache import cached, digest
from toonvision.dataset.dataset import Dataset, Split
from toonvision.dataset.split import Ratios, split_indices
from toonvision.errors import ConfigError, DatasetError, Problem, did_you_mean

VERSION = 1  # of what is cached
TIMEOUT_SECONDS = 20.0  # of a download without data; Keras itself has no timeout

BROKEN = (
    OSError,
    ValueError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    pickle.UnpicklingError,
)  # raised by damaged files


@dataclass(frozen=True, slots=True)
class KerasSource:
    """A dataset of Keras without its arrays.

    Attributes:
        class_names: names in the order of the labels.
        folder: folder of the files below the `datasets` folder of Keras.
        files: names of the files (Keras 3.15).
    """

    class_names: tuple[str, ...]
    folder: str
    files: tuple[str, ...]


SOURCES = {
    "mnist": KerasSource(tuple("0123456789"), "", ("mnist.npz",)),
    "fashion_mnist": KerasSource(
        ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        "fashion-mnist",
        (
            "train-labels-idx1-ubyte.gz",
            "train-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte.gz",
            "t10k-images-idx3-ubyte.gz",
        ),
    ),
    "cifar10": KerasSource(
        ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        "",
        ("cifar-10-batches-py-target_archive",),  # cifar-10-python.tar.gz, under the name that Keras gives it
    ),
}


def load(*, name: str, validation_ratio: float = 0.2, train_size: int | None = None, seed: int = 7) -> Dataset:
    """Load a dataset of Keras with its own test set; the validation set is drawn from its training set.

    Args:
        name: one of `SOURCES`.
        validation_ratio: share of every class of the training set held out for validation.
        train_size: number of training examples to keep, stratified by class; None for all.
        seed: seed of the split.

    Returns:
        uint8 images, shape `(n, height, width, 1)` for greyscale or `(n, height, width, 3)` for colour.

    Raises:
        ConfigError: if a setting is invalid.
        DatasetError: if the files are missing and cannot be downloaded.
    """
    if name not in SOURCES:
        raise ConfigError(
            Problem("dataset.name", f"one of {', '.join(SOURCES)}", repr(name), did_you_mean(name, SOURCES))
        )
    ratios = Ratios(validation_ratio)
    stored = cached(f"{name}-{digest(VERSION)}", lambda: _from_keras(name))
    labels = np.asarray(stored["y_train"])
    indices = split_indices(labels, ratios, seed=seed)
    kept = _thinned(indices.train, labels, train_size, seed)
    fingerprint = digest([stored["content"].tolist(), kept.tolist(), indices.validation.tolist()])
    return Dataset(
        name,
        Split(stored["x_train"][kept], labels[kept]),
        Split(stored["x_train"][indices.validation], labels[indices.validation]),
        Split(stored["x_test"], np.asarray(stored["y_test"])),
        SOURCES[name].class_names,
        fingerprint,
    )


def _thinned(train: NDArray[np.int64], labels: NDArray[np.int64], size: int | None, seed: int) -> NDArray[np.int64]:
    """Return `size` of the train indices, ascending and stratified, with at least one of every class."""
    if size is None:
        return train
    classes = np.unique(labels)
    if type(size) is not int or not len(classes) <= size <= len(train):
        raise ConfigError(
            Problem(
                "dataset.train_size",
                f"null or a whole number from {len(classes)} (the classes) to {len(train)}",
                repr(size),
            )
        )
    shuffled = np.random.default_rng(seed).permutation(train)
    rank = np.empty(len(train))  # within the class, from 0 to 1: the lowest ranks are a stratified sample
    for label in classes:
        members = np.flatnonzero(labels[shuffled] == label)
        rank[members] = np.arange(len(members)) / len(members)
    return np.sort(shuffled[np.argsort(rank, kind="stable")[:size]])


def _from_keras(name: str) -> dict[str, NDArray[Any]]:
    try:
        with _socket_timeout(TIMEOUT_SECONDS):
            (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    except Exception as error:
        # Keras raises a plain `Exception` for a failed download (file_utils.get_file).
        if type(error) is not Exception and not isinstance(error, BROKEN):
            raise
        raise _missing(name, error) from error
    content = hashlib.sha256()
    for array in (x_train, y_train, x_test, y_test):
        content.update(array.tobytes())
    return {
        "x_train": _with_channels(x_train),
        "y_train": y_train.ravel().astype(np.int64),
        "x_test": _with_channels(x_test),
        "y_test": y_test.ravel().astype(np.int64),
        "content": np.array([content.hexdigest()]),
    }


def _with_channels(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return images[..., np.newaxis] if images.ndim == 3 else images


def _missing(name: str, error: Exception) -> DatasetError:
    source = SOURCES[name]
    folder = Path(os.environ.get("KERAS_HOME") or "~/.keras", "datasets", source.folder).expanduser()
    return DatasetError(
        Problem(
            f"dataset.name={name}",
            f"{', '.join(source.files)} in {folder}, or a network connection to download it",
            str(error),
            f'Run `python -c "import keras; keras.datasets.{name}.load_data()"` where there is a '
            "network, and copy the files to this folder.",
        )
    )


@contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    """Limit the time that new sockets of this process wait."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
