"""The densely connected network of `experiment=function`."""

from __future__ import annotations

import keras
import pytest

from toonvision.training.densenet import build


@pytest.mark.parametrize("depth", [1, 3])
def test_each_layer_takes_what_all_before_it_give(depth: int) -> None:
    model = build((8, 8, 1), keras.layers.Dense(10), depth=depth, growth=4, dropout_rate=0.1)
    widths = [layer.input.shape[-1] for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert widths == [1, *(8 + 4 * before for before in range(depth))]
    assert model.output_shape == (None, 10)
