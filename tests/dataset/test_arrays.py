"""Arrays in NumPy's files: what they become, and what does not belong together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toonvision.dataset.arrays import load
from toonvision.dataset.dataset import Dataset
from toonvision.errors import ToonvisionError

X = np.arange(60 * 4, dtype=np.uint8).reshape(60, 2, 2)
Y = np.arange(60) % 3


def read(folder: Path, settings: dict[str, Any] | None = None, **arrays: Any) -> Dataset:
    np.savez(folder / "mine.npz", **arrays)
    return load(path=str(folder / "mine.npz"), **(settings or {}))


def sizes(dataset: Dataset) -> list[int]:
    return [len(split) for split in (dataset.train, dataset.validation, dataset.test)]


def test_x_and_y_are_split_within_classes(tmp_path: Path) -> None:
    dataset = read(tmp_path, x=X, y=Y)
    assert sizes(dataset) == [36, 12, 12]
    assert np.bincount(dataset.test.y).tolist() == [4, 4, 4]
    assert (dataset.input_shape, dataset.class_names) == ((2, 2), ("0", "1", "2"))
    for x, y in zip(dataset.train.x, dataset.train.y, strict=True):
        assert Y[np.flatnonzero((x == X).all(axis=(1, 2)))[0]] == y
    assert read(tmp_path, {"validation_ratio": 0.3}, x=X, y=Y).test.x.tolist() == dataset.test.x.tolist()


def test_given_splits_are_used(tmp_path: Path) -> None:
    given: dict[str, Any] = {"x_train": X, "y_train": Y, "x_test": X[:6], "y_test": Y[:6]}
    assert sizes(read(tmp_path, None, **given)) == [48, 12, 6]
    dataset = read(tmp_path, **given, x_validation=X[6:9], y_validation=Y[6:9])
    assert sizes(dataset) == [60, 3, 6]
    np.testing.assert_array_equal(dataset.validation.x, X[6:9])


def test_a_folder_is_memory_mapped_and_has_the_same_examples(tmp_path: Path) -> None:
    given: dict[str, Any] = {"x_train": X, "y_train": Y, "x_test": X[:6], "y_test": Y[:6]}
    for name, array in given.items():
        np.save(tmp_path / f"{name}.npy", array)
    dataset = load(path=str(tmp_path))
    assert isinstance(dataset.test.x, np.memmap)
    whole = read(tmp_path, **given)
    np.testing.assert_array_equal(dataset.train.x, whole.train.x)


def test_labels_are_classes_labels_or_numbers(tmp_path: Path) -> None:
    assert read(tmp_path, x=X, y=Y[:, None]).class_names == ("0", "1", "2")
    named = read(tmp_path, x=X, y=np.array(["b", "a"])[np.arange(60) % 2])
    assert named.class_names == ("a", "b")
    sparse = read(tmp_path, x=X, y=Y * 10 + 5)
    assert sparse.class_names == ("5", "15", "25")
    assert set(sparse.train.y.tolist()) == {0, 1, 2}
    labels = read(tmp_path, x=X, y=np.stack([Y % 2, Y // 2], axis=1))
    assert labels.train.y.dtype == np.int64
    assert labels.train.y.shape == (36, 2)
    numbers = read(tmp_path, x=X, y=np.linspace(0, 1, 60))
    assert numbers.train.y.dtype == np.float32
    assert numbers.train.y.shape == (len(numbers.train), 1)


def test_the_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    first = read(tmp_path, x=X, y=Y).fingerprint
    assert read(tmp_path, x=X, y=Y).fingerprint == first
    assert read(tmp_path, x=X + 1, y=Y).fingerprint != first


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no y": ({"x": X}, "as many labels as examples.*x \\(60, 2, 2\\) and y is missing"),
    "no test": ({"x_train": X, "y_train": Y}, "the arrays x and y; or x_train.*Received: x_train, y_train"),
    "other names": ({"images": X, "labels": Y}, "the arrays x and y; or .*Received: images, labels"),
    "too few labels": ({"x": X, "y": Y[:-1]}, "y \\(59,\\)"),
    "nothing": ({"x": X[:0], "y": Y[:0]}, "x \\(0, 2, 2\\)"),
    "numbers for examples": ({"x": Y, "y": Y}, "each an array of numbers"),
    "texts": ({"x": X.astype(str), "y": Y}, "x: expected numbers. Received: <U"),
    "one class": ({"x": X, "y": 0 * Y}, "at least two classes. Received: 1"),
    "labels that are not finite": ({"x": X, "y": np.full(60, np.nan)}, "finite numbers as labels"),
    "labels of three dimensions": ({"x": X, "y": X}, "labels of one shape"),
    "objects": ({"x": X, "y": np.array([{}] * 60)}, "expected arrays of numbers in a file .npz"),
    "other sizes": (
        {"x_train": X, "y_train": Y, "x_test": X[:, :1], "y_test": Y},
        "examples of the same shape in all arrays. Received: x_train \\(60, 2, 2\\), x_test \\(60, 1, 2\\)",
    ),
    "other labels": ({"x_train": X, "y_train": Y, "x_test": X, "y_test": np.eye(3)[Y]}, "labels of one shape"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arrays_are_one_message(name: str, tmp_path: Path) -> None:
    arrays, message = BAD[name]
    with pytest.raises(ToonvisionError, match=message):
        read(tmp_path, **arrays)


def test_what_is_no_file_of_arrays_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "mine.npz").write_bytes(b"nothing")
    with pytest.raises(ToonvisionError, match=r"mine\.npz: expected arrays of numbers"):
        load(path=str(tmp_path / "mine.npz"))
    np.save(tmp_path / "one.npy", X)
    with pytest.raises(ToonvisionError, match="one array without a name"):
        load(path=str(tmp_path / "one.npy"))
    with pytest.raises(ToonvisionError, match=r"an existing file or folder\. .*Did you mean 'mine\.npz'"):
        load(path=str(tmp_path / "min.npz"))
