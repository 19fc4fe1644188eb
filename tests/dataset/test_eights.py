"""Eights among digits: a rare class in each split."""

from __future__ import annotations

import numpy as np

from toonvision.dataset.eights import load


def test_each_split_has_its_share_of_eights() -> None:
    dataset = load()
    counts = [np.bincount(split.y).tolist() for split in (dataset.train, dataset.validation, dataset.test)]
    assert counts == [[973, 104], [325, 35], [325, 35]]
    assert (dataset.input_shape, dataset.class_names) == ((64,), ("other", "eight"))
