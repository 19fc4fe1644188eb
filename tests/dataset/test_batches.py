"""Batches that are read again and again: all of them, in which order, and how many are in memory."""

from __future__ import annotations

import numpy as np
import pytest

from tests.batch_sources import Iterated, arrays, indexed, tensorflow, two_inputs
from toonvision.dataset.batches import Batches, Source

SOURCES = {"indexed": indexed, "iterated": lambda split: Iterated(indexed(split)), "tensorflow": tensorflow}


def read(given: object) -> tuple[Batches, np.ndarray]:
    return Batches.read(Source(given, "here"))


@pytest.mark.parametrize("kind", SOURCES)
def test_every_example_is_read_once_each_time(kind: str) -> None:
    x, y = arrays("train")
    batches, labels = read(SOURCES[kind]("train"))
    np.testing.assert_array_equal(labels, y)
    assert (batches.count, batches.first.shape) == (8, (8, 4))
    for _ in range(2):
        found = list(batches.once())
        np.testing.assert_array_equal(np.concatenate([examples for examples, _ in found]), x)
        np.testing.assert_array_equal(np.concatenate([labels for _, labels in found]), y)


def test_an_order_is_drawn_for_batches_with_positions() -> None:
    batches, _ = read(indexed("train"))
    orders = []
    for seed in (1, 1, 2):
        batches.sources[0].given.read.clear()
        list(batches.once(np.random.default_rng(seed)))
        orders.append(list(batches.sources[0].given.read))
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2]) == list(range(8))


def test_the_batches_of_two_splits_are_mixed() -> None:
    train, validation = (read(indexed(split))[0] for split in ("train", "validation"))
    both = train.joined(validation)
    assert both.count == 11
    expected = np.concatenate([arrays("train")[0], arrays("validation")[0]])
    np.testing.assert_array_equal(np.concatenate([x for x, _ in both.once()]), expected)
    drawn = np.concatenate([x for x, _ in both.once(np.random.default_rng(1))])
    assert not np.array_equal(drawn, expected)
    np.testing.assert_array_equal(np.sort(drawn, axis=0), np.sort(expected, axis=0))


@pytest.mark.parametrize(("workers", "most"), [(1, 4), (3, 6)])
def test_a_few_batches_are_in_memory(workers: int, most: int) -> None:
    x, y = arrays("train")
    source = type(indexed("train"))(x, y, 1, workers=workers)  # 60 batches
    batches, _ = read(source)
    source.most_held = 0
    for _ in batches.once():
        pass
    assert source.most_held <= most  # with the first one, which is kept, and the one in use


def test_what_reading_raises_is_raised_where_the_batch_is_used() -> None:
    class Broken:
        num_batches = 2

        def __getitem__(self, index: int) -> int:
            raise OSError("no such file")

    with pytest.raises(OSError, match="no such file"):
        read(Broken())


def test_the_beginning_is_in_memory() -> None:
    batches, _ = read(indexed("train"))
    for size in (3, 8, 11, 100):
        x, y = batches.beginning(size)
        np.testing.assert_array_equal(x, arrays("train")[0][:size])
        np.testing.assert_array_equal(y, arrays("train")[1][:size])


def test_several_inputs_go_by_their_names() -> None:
    batches, labels = read(two_inputs("train"))
    assert {name: array.shape for name, array in batches.first.items()} == {"left": (10, 1), "right": (10, 3)}
    assert batches.beginning(12)[0]["right"].shape == (12, 3)
    assert labels.shape == (60,)
