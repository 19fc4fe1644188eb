"""Epochs in equal steps; what a model is trained for is in `tests/search/test_final_trainings.py`."""

from __future__ import annotations

import pytest

from toonvision.search.final_model import with_equal_steps


@pytest.mark.parametrize(
    ("epochs", "sizes", "batch_size", "expected"),
    [
        (10, (640, 800), 64, 8),  # 10 and 13 steps an epoch
        (10, (641, 800), 64, 8),  # 11 and 13
        (10, (60, 64), 64, 10),  # one step each
        (2.5, (64, 64), 64, 2),
        (3.5, (64, 64), 64, 4),
        (1, (10, 100), 1, 1),  # a tenth of an epoch
    ],
)
def test_epochs_are_scaled_to_equal_steps(
    epochs: float, sizes: tuple[int, int], batch_size: int, expected: int
) -> None:
    assert with_equal_steps(epochs, sizes, batch_size) == expected
