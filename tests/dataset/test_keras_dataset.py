"""Keras's sets: read from files of Keras's formats, and explained where these are missing. Nothing is downloaded."""

from __future__ import annotations

import gzip
import io
import pickle
import socket
import struct
import tarfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from toonvision.dataset import keras_dataset
from toonvision.dataset.keras_dataset import load
from toonvision.errors import ConfigError, DatasetError

RNG = np.random.default_rng(0)
TRAIN_LABELS = np.tile(np.arange(10, dtype=np.uint8), 20)
TEST_LABELS = np.tile(np.arange(10, dtype=np.uint8), 3)
TRAIN = RNG.integers(0, 256, (200, 28, 28), dtype=np.uint8)
TEST = RNG.integers(0, 256, (30, 28, 28), dtype=np.uint8)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every download fail as without a network, and return the list of their addresses."""
    addresses: list[str] = []

    def refuse(url: str, *_: object) -> None:
        addresses.append(url)
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    return addresses


def get_files(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let the functions of `keras.datasets` call `keras.utils.get_file` with these arguments changed."""

    def get_file(*arguments: Any, **keywords: Any) -> str:
        return str(keras.utils.get_file(*arguments, **keywords | changes))

    for name in keras_dataset.SOURCES:
        monkeypatch.setitem(getattr(keras.datasets, name).load_data.__globals__, "get_file", get_file)


@pytest.fixture
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: list[str]) -> Path:
    """Keras's folder of datasets, empty. Keras reads KERAS_HOME once, when it is imported, so both are set."""
    monkeypatch.setenv("TOONVISION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    get_files(monkeypatch, cache_dir=str(tmp_path / "keras"))
    folder = tmp_path / "keras" / "datasets"
    folder.mkdir(parents=True)
    return folder


def write_fashion(datasets: Path) -> None:
    folder = datasets / "fashion-mnist"
    folder.mkdir()
    for prefix, images, labels in (("train", TRAIN, TRAIN_LABELS), ("t10k", TEST, TEST_LABELS)):
        with gzip.open(folder / f"{prefix}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(struct.pack(">II", 2049, len(labels)) + labels.tobytes())
        with gzip.open(folder / f"{prefix}-images-idx3-ubyte.gz", "wb") as file:
            file.write(struct.pack(">IIII", 2051, len(images), 28, 28) + images.tobytes())


def test_fashion_mnist_is_read_from_keras_files(datasets: Path, offline: list[str]) -> None:
    write_fashion(datasets)
    dataset = load(name="fashion_mnist")
    assert [len(split) for split in (dataset.train, dataset.validation, dataset.test)] == [160, 40, 30]
    assert dataset.input_shape == (28, 28, 1)
    assert dataset.train.x.dtype == np.uint8
    assert dataset.train.y.dtype == np.int64
    assert dataset.class_names[9] == "Ankle boot"
    np.testing.assert_array_equal(dataset.test.x[..., 0], TEST)
    np.testing.assert_array_equal(dataset.test.y, TEST_LABELS)
    assert np.bincount(dataset.validation.y).tolist() == [4] * 10
    assert offline == []


def test_the_second_load_does_not_ask_keras(datasets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_fashion(datasets)
    first = load(name="fashion_mnist")
    monkeypatch.setattr(keras_dataset, "_from_keras", None)
    again = load(name="fashion_mnist")
    np.testing.assert_array_equal(first.train.x, again.train.x)
    assert first.fingerprint == again.fingerprint
    assert not again.test.x.flags.writeable


def test_the_train_split_is_thinned_class_by_class(datasets: Path) -> None:
    write_fashion(datasets)
    whole, part = load(name="fashion_mnist"), load(name="fashion_mnist", train_size=55)
    assert len(part.train) == 55
    assert set(np.bincount(part.train.y).tolist()) == {5, 6}
    np.testing.assert_array_equal(whole.validation.x, part.validation.x)
    assert whole.fingerprint != part.fingerprint


@pytest.mark.parametrize("size", [9, 161, 20.5, "20", True])
def test_a_train_size_out_of_place_is_refused(datasets: Path, size: Any) -> None:
    write_fashion(datasets)
    with pytest.raises(ConfigError, match=r"dataset\.train_size: expected null or a whole number from 10 .* to 160"):
        load(name="fashion_mnist", train_size=size)


def test_mnist_is_read_from_keras_file(datasets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Keras accepts only the original mnist.npz, by its hash: no hash is given here; the reading is Keras's own
    get_files(monkeypatch, cache_dir=str(datasets.parent), file_hash=None)
    np.savez(datasets / "mnist.npz", x_train=TRAIN, y_train=TRAIN_LABELS, x_test=TEST, y_test=TEST_LABELS)
    dataset = load(name="mnist", validation_ratio=0.5)
    assert [len(split) for split in (dataset.train, dataset.validation, dataset.test)] == [100, 100, 30]
    assert dataset.input_shape == (28, 28, 1)


def test_cifar10_is_read_from_keras_file(datasets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    get_files(monkeypatch, cache_dir=str(datasets.parent), file_hash=None)  # as above
    monkeypatch.setattr(keras_dataset, "cached", lambda name, build: build())  # which would write 150 MB
    batches = {f"data_batch_{number}": number for number in range(1, 6)} | {"test_batch": 6}
    with tarfile.open(datasets / "cifar-10-batches-py-target_archive", "w") as archive:
        for name, label in batches.items():
            # one picture a batch, which Keras repeats to the expected number; its red channel is the label
            pixels = np.repeat(np.array([[label, 0, 100]], dtype=np.uint8), 1024, axis=1)
            batch = pickle.dumps({b"data": pixels, b"labels": [label]}, protocol=4)
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(batch)
            archive.addfile(member, io.BytesIO(batch))
    dataset = load(name="cifar10", train_size=100)
    assert [len(split) for split in (dataset.train, dataset.validation, dataset.test)] == [100, 10_000, 1]
    assert dataset.input_shape == (32, 32, 3)
    assert np.bincount(dataset.train.y).tolist() == [0, 20, 20, 20, 20, 20]
    expected = np.stack([dataset.train.y, dataset.train.y * 0, dataset.train.y * 0 + 100], axis=1)
    np.testing.assert_array_equal(dataset.train.x[:, 31, 5], expected)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("mnist", "mnist.npz"),
        ("fashion_mnist", "fashion-mnist"),
        ("fashion_mnist", "t10k-images-idx3-ubyte.gz"),
        ("cifar10", "cifar-10-batches-py-target_archive"),
    ],
)
def test_missing_files_are_named_with_their_place(datasets: Path, offline: list[str], name: str, file: str) -> None:
    with pytest.raises(DatasetError) as caught:
        load(name=name)
    message = str(caught.value)
    assert file in message
    assert str(datasets) in message
    assert "no network" in message
    assert len(offline) == 1


def test_a_damaged_file_is_explained(datasets: Path) -> None:
    write_fashion(datasets)
    damaged = datasets / "fashion-mnist" / "train-images-idx3-ubyte.gz"
    damaged.write_bytes(damaged.read_bytes()[:1000])
    with pytest.raises(DatasetError, match=r"train-images-idx3-ubyte\.gz.*end-of-stream"):
        load(name="fashion_mnist")


def test_a_file_of_another_content_is_not_taken_for_mnist(datasets: Path, offline: list[str]) -> None:
    np.savez(datasets / "mnist.npz", x_train=TRAIN)
    with pytest.raises(DatasetError, match=r"mnist\.npz"):
        load(name="mnist")
    assert len(offline) == 1


def test_an_error_other_than_a_failed_download_is_raised(datasets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(keras.datasets.mnist, "load_data", fail)
    with pytest.raises(ZeroDivisionError):
        load(name="mnist")


def test_a_download_without_data_times_out(datasets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float | None] = []

    def note(*_: object) -> None:
        waits.append(socket.getdefaulttimeout())
        raise TimeoutError("timed out")

    monkeypatch.setattr(urllib.request, "urlopen", note)
    with pytest.raises(DatasetError, match="timed out"):
        load(name="mnist")
    assert waits == [keras_dataset.TIMEOUT_SECONDS]
    assert socket.getdefaulttimeout() is None


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'fashion_mnist'"):
        load(name="fashion_mnits")
