"""The median time of a batch."""

from __future__ import annotations

from itertools import accumulate, chain, repeat
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from toonvision.dataset import Split
from toonvision.training import cost
from toonvision.training.cost import batch_seconds

pytestmark = pytest.mark.training

EXAMPLES = Split(np.arange(40, dtype=np.float32).reshape(10, 4), np.zeros(10, dtype=np.int64))


@pytest.fixture
def model() -> keras.Model:
    return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation="softmax")])


@pytest.mark.parametrize("batch_size", [4, 10, 25])
def test_every_batch_is_full(model: keras.Model, batch_size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[np.ndarray] = []
    predict = model.predict_on_batch

    def note(batch: np.ndarray) -> np.ndarray:
        batches.append(batch)
        return np.asarray(predict(batch))

    monkeypatch.setattr(model, "predict_on_batch", note)
    batch_seconds(model, EXAMPLES, batch_size)
    assert {batch.shape for batch in batches} == {(batch_size, 4)}
    np.testing.assert_array_equal(batches[-1], EXAMPLES.x[np.arange(batch_size) % 10])


def test_neither_the_warm_up_nor_a_hiccup_counts(model: keras.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    lasting = chain([9.0, 8.0, 7.0], repeat(0.5, 10), repeat(0.25, 16), repeat(6.0, 4))
    ticks = accumulate(chain.from_iterable((1.0, seconds) for seconds in lasting))  # a pause, then a batch
    monkeypatch.setattr(cost, "time", SimpleNamespace(perf_counter=lambda: next(ticks)))
    assert batch_seconds(model, EXAMPLES, 4) == 0.25
