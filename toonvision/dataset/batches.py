"""Examples that are read in batches, again and again, and need not fit into memory.

A source is what Keras calls one: a `keras.utils.PyDataset`, a `tf.data.Dataset`, or anything else that can be iterated
several times over pairs of arrays, `(x, y)`, say the DataLoader of PyTorch. This module imports none of them.
"""

from __future__ import annotations

import functools
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toonvision.errors import DatasetError, Problem

Batch = tuple[Any, NDArray[Any]]  # of one array or a mapping of them, and the labels
_INFINITE = -1  # the cardinality of a tf.data.Dataset that repeats


@dataclass(frozen=True, slots=True)
class Source:
    """What batches come from.

    Attributes:
        given: by the user's function.
        where: it was given, for errors.
    """

    given: Any
    where: str

    @property
    def is_indexed(self) -> bool:
        """Whether each batch has a position, so that they can be read in any order."""
        return hasattr(self.given, "__getitem__") and (
            hasattr(self.given, "num_batches") or hasattr(self.given, "__len__")
        )

    @property
    def workers(self) -> int:
        """Threads that may read at the same time."""
        return max(1, int(getattr(self.given, "workers", 1))) if self.is_indexed else 1

    def calls(self) -> list[Callable[[], Any]]:
        """Return what reads each batch of a source with positions."""
        count = self.given.num_batches if hasattr(self.given, "num_batches") else len(self.given)
        return [functools.partial(self.given.__getitem__, index) for index in range(count)]

    def batch(self, returned: Any) -> Batch:
        """Return what was read as arrays.

        Raises:
            DatasetError: if it is no pair of as many examples as labels.
        """
        if not isinstance(returned, tuple | list) or len(returned) != 2:
            received = f"{len(returned)} parts" if isinstance(returned, tuple | list) else type(returned).__name__
            raise DatasetError(Problem(self.where, "batches (x, y)", received))
        x, y = returned
        examples = {str(name): np.asarray(one) for name, one in x.items()} if isinstance(x, Mapping) else np.asarray(x)
        labels = _labels(np.asarray(y), self.where)
        lengths = {len(one) if one.ndim else 0 for one in _arrays(examples)}
        if lengths != {len(labels)}:
            shapes = ", ".join(str(one.shape) for one in _arrays(examples))
            raise DatasetError(Problem(self.where, "as many labels as examples", f"x {shapes} and y {labels.shape}"))
        if any(one.dtype.kind not in "iufb" for one in _arrays(examples)):
            raise DatasetError(Problem(self.where, "examples of numbers", str(_arrays(examples)[0].dtype)))
        return examples, labels


@dataclass(frozen=True, slots=True)
class Batches:
    """The examples of a split, in batches.

    Attributes:
        sources: one after the other.
        first: the examples of the first batch.
        count: of the batches.
        encode: what a model learns in place of labels; None for these.
    """

    sources: tuple[Source, ...]
    first: Any
    count: int
    encode: Callable[[NDArray[Any]], NDArray[Any]] | None = None

    @classmethod
    def read(cls, source: Source) -> tuple[Batches, NDArray[Any]]:
        """Read all batches once.

        Returns:
            The batches, and the labels of all examples, shape `(n,)` or `(n, k)`.

        Raises:
            DatasetError: if there are none, they cannot be read again, have no end, or their examples differ in shape.
        """
        given = source.given
        if iter(given) is given if hasattr(given, "__iter__") else not source.is_indexed:
            expected = "a keras.utils.PyDataset, a tf.data.Dataset, or batches that can be read again and again"
            raise DatasetError(Problem(source.where, expected, type(given).__name__))
        if hasattr(given, "cardinality") and int(given.cardinality()) == _INFINITE:
            raise DatasetError(Problem(source.where, "batches that end", "an infinite tf.data.Dataset"))
        labels, first, kinds = list[NDArray[Any]](), None, list[str]()
        for x, y in cls((source,), None, 0).once():
            first = x if first is None else first
            kinds.append(", ".join(f"{one.dtype} {('n', *one.shape[1:])}" for one in [*_arrays(x), y]))
            if kinds[-1] != kinds[0]:
                where = f"{source.where}, batch {len(labels)}"
                raise DatasetError(Problem(where, f"a batch like the first one, {kinds[0]}", kinds[-1]))
            labels.append(y)
        if first is None:
            raise DatasetError(Problem(source.where, "at least one batch", "none"))
        return cls((source,), first, len(labels)), np.concatenate(labels)

    def joined(self, other: Batches) -> Batches:
        """Return the batches of both."""
        return replace(self, sources=self.sources + other.sources, count=self.count + other.count)

    def once(self, order: np.random.Generator | None = None) -> Iterator[Batch]:
        """Yield every batch; while one is used, the next ones are read.

        Args:
            order: draws the order of batches that have positions; None to read them, too, as they come.
        """
        if order is None or not all(source.is_indexed for source in self.sources):
            read: Iterator[tuple[Source, Any]] = itertools.chain.from_iterable(map(_in_turn, self.sources))
        else:
            calls = [(source, call) for source in self.sources for call in source.calls()]
            chosen = [calls[index] for index in order.permutation(len(calls))]
            read = _ahead(chosen, max(source.workers for source in self.sources))
        for source, returned in read:
            x, y = source.batch(returned)
            yield x, self.encode(y) if self.encode else y
        if order is not None:
            for source in self.sources:
                if hasattr(source.given, "on_epoch_end"):
                    source.given.on_epoch_end()

    def beginning(self, size: int) -> Batch:
        """Return the first examples, at most `size`, and their labels."""
        taken, examples = list[Batch](), 0
        for x, y in self.once():
            taken.append((x, y))
            examples += len(y)
            if examples >= size:
                break
        y = np.concatenate([labels for _, labels in taken])[:size]
        if isinstance(self.first, Mapping):
            return {name: np.concatenate([x[name] for x, _ in taken])[:size] for name in self.first}, y
        return np.concatenate([x for x, _ in taken])[:size], y


def _in_turn(source: Source) -> Iterator[tuple[Source, Any]]:
    if source.is_indexed:
        return _ahead(((source, call) for call in source.calls()), source.workers)
    iterator = iter(source.given)
    nothing = object()
    found = _ahead(((source, functools.partial(next, iterator, nothing)) for _ in itertools.count()), 1)
    return itertools.takewhile(lambda pair: pair[1] is not nothing, found)


def _ahead(calls: Iterable[tuple[Source, Callable[[], Any]]], workers: int) -> Iterator[tuple[Source, Any]]:
    """Yield what calls return, in their order; one more than there are workers is under way."""
    waiting = deque[tuple[Source, Future[Any]]]()
    with ThreadPoolExecutor(workers, thread_name_prefix="batches") as pool:
        try:
            for source, call in calls:
                waiting.append((source, pool.submit(call)))
                if len(waiting) > workers:
                    earliest, future = waiting.popleft()
                    yield earliest, future.result()
            for earliest, future in waiting:
                yield earliest, future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _arrays(x: Any) -> list[NDArray[Any]]:
    return list(x.values()) if isinstance(x, Mapping) else [x]


def _labels(y: NDArray[Any], where: str) -> NDArray[Any]:
    """Return labels as datasets have them: int64, shape `(n,)` or `(n, k)`, or float32, shape `(n, k)`."""
    if y.ndim not in (1, 2) or y.dtype.kind not in "iufb":
        raise DatasetError(Problem(where, "labels of numbers, shape (n,) or (n, k)", f"{y.dtype} {y.shape}"))
    if y.dtype.kind == "f":
        return y.astype(np.float32).reshape(len(y), -1)
    whole = y.astype(np.int64)
    return whole[:, 0] if whole.ndim == 2 and whole.shape[1] == 1 else whole
