"""What every dataset has in common."""

from __future__ import annotations

import numpy as np
import pytest

from toonvision.dataset import Split


@pytest.mark.parametrize(("names", "expected"), [((), ("0", "1")), (("a.png", "b.png"), ("a.png", "b.png"))])
def test_every_example_has_a_name(names: tuple[str, ...], expected: tuple[str, ...]) -> None:
    split = Split(np.zeros((2, 3), np.float32), np.zeros(2, np.int64), names)
    assert split.example_names == expected
