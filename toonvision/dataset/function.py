"""Examples that a Python function of one's own returns, in batches that need not fit into memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toonvision.dataset.batches import Batches, Source
from toonvision.dataset.cache import digest
from toonvision.dataset.dataset import Dataset, Split
from toonvision.errors import DatasetError, Problem

SPLITS = ("train", "validation", "test")


def load(*, build: Callable[..., object], class_names: Sequence[str] | None = None) -> Dataset:
    """Call a function for each split.

    All batches are read once, for their labels; those of validation and test twice if they have no positions, to see
    that they come in the same order.

    Args:
        build: called with `split`, one of train, validation and test. It returns a `keras.utils.PyDataset`, a
            `tf.data.Dataset`, other batches `(x, y)` that can be read several times, or a pair of arrays.
        class_names: of the classes, the labels or the targets; None for their numbers.

    Raises:
        DatasetError: if these are no examples, or those of the splits differ in shape.
    """
    splits = dict[str, Split]()
    for name in SPLITS:
        where = f"dataset.build(split={name!r})"
        splits[name] = _split(build(split=name), where, in_order=name != "train")
    shapes = {name: _shapes(split) for name, split in splits.items()}
    for name in SPLITS[1:]:
        if shapes[name] != shapes["train"]:
            expected = f"examples and labels like those of train, {shapes['train']}"
            raise DatasetError(Problem(f"dataset.build(split={name!r})", expected, shapes[name]))
    names = _names({name: split.y for name, split in splits.items()}, class_names)
    content = [[_digest(split.y), *map(_digest, _first(split).values())] for split in splits.values()]
    fingerprint = digest(["function", content])
    return Dataset("function", splits["train"], splits["validation"], splits["test"], names, fingerprint)


def _split(returned: Any, where: str, *, in_order: bool) -> Split:
    if isinstance(returned, Dataset):
        expected = "the examples of one split"
        hint = "Name the function itself by dataset._target_."
        raise DatasetError(Problem(where, expected, "a whole Dataset", hint))
    if isinstance(returned, tuple):
        x, y = Source(returned, where).batch(returned)
        return Split(x, y)
    source = Source(returned, where)
    batches, labels = Batches.read(source)
    if in_order and not source.is_indexed and not np.array_equal(Batches.read(source)[1], labels):
        raise DatasetError(Problem(where, "the same order of examples each time", "another order", "Do not shuffle."))
    return Split(batches, labels)


def _first(split: Split) -> dict[str, NDArray[Any]]:
    """Return each input's first batch, or all examples if they are in memory."""
    x = split.x.first if isinstance(split.x, Batches) else split.x
    return dict(x) if isinstance(x, Mapping) else {"x": x}


def _shapes(split: Split) -> str:
    arrays = {**_first(split), "y": split.y}
    return ", ".join(f"{name} {array.dtype} {('n', *array.shape[1:])}" for name, array in arrays.items())


def _digest(array: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def _names(labels: dict[str, NDArray[Any]], given: Sequence[str] | None) -> tuple[str, ...]:
    y = labels["train"]
    count = y.shape[1] if y.ndim == 2 else max(int(of.max()) for of in labels.values()) + 1
    lowest = 0 if y.ndim == 2 else min(int(of.min()) for of in labels.values())
    names = tuple(map(str, range(count))) if given is None else tuple(map(str, given))
    if count > len(names) or lowest < 0 or (y.ndim == 2 and count != len(names)):
        expected = f"labels for the names {', '.join(names)}" if y.ndim == 2 else f"classes from 0 to {len(names) - 1}"
        received = f"{count} columns" if y.ndim == 2 else f"from {lowest} to {count - 1}"
        raise DatasetError(Problem("dataset.class_names", expected, received))
    if len(names) < 2 and y.ndim == 1:
        raise DatasetError(Problem("dataset.build", "at least two classes", str(len(names))))
    return names
