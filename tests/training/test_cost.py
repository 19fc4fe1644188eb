"""What a model costs: its parameters, its file, and the median time of a batch."""

from __future__ import annotations

from itertools import accumulate, chain, repeat
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from toonvision.dataset import Split
from toonvision.training import cost
from toonvision.training.cost import measure_cost

pytestmark = pytest.mark.training

EXAMPLES = Split(np.arange(40, dtype=np.float32).reshape(10, 4), np.zeros(10, dtype=np.int64))


@pytest.fixture
def saved(tmp_path: Path) -> tuple[keras.Model, Path]:
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.save(tmp_path / "tuned.keras")
    return model, tmp_path / "tuned.keras"


def test_size_is_that_of_the_model_and_of_its_file(saved: tuple[keras.Model, Path]) -> None:
    found = measure_cost(*saved, EXAMPLES, 8)
    assert (found.parameters, found.file_bytes, found.batch_size) == (15, len(saved[1].read_bytes()), 8)


@pytest.mark.parametrize("batch_size", [4, 10, 25])
def test_every_batch_is_full(saved: tuple[keras.Model, Path], batch_size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[np.ndarray] = []
    predict = saved[0].predict_on_batch

    def note(batch: np.ndarray) -> np.ndarray:
        batches.append(batch)
        return np.asarray(predict(batch))

    monkeypatch.setattr(saved[0], "predict_on_batch", note)
    measure_cost(*saved, EXAMPLES, batch_size)
    assert {batch.shape for batch in batches} == {(batch_size, 4)}
    np.testing.assert_array_equal(batches[-1], EXAMPLES.x[np.arange(batch_size) % 10])


def test_neither_the_warm_up_nor_a_hiccup_counts(
    saved: tuple[keras.Model, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lasting = chain([9.0, 8.0, 7.0], repeat(0.5, 10), repeat(0.25, 16), repeat(6.0, 4))
    ticks = accumulate(chain.from_iterable((1.0, seconds) for seconds in lasting))  # a pause, then a batch
    monkeypatch.setattr(cost, "time", SimpleNamespace(perf_counter=lambda: next(ticks)))
    assert measure_cost(*saved, EXAMPLES, 4).batch_seconds == 0.25
