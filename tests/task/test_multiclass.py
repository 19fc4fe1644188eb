"""Classes: which labels they are; `tests/verdict/test_judgement.py` has their measures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from toonvision.config.node import Node
from toonvision.dataset import load_dataset
from toonvision.task import Output, output_of
from toonvision.task.multiclass import Multiclass


@pytest.mark.parametrize(
    ("labels", "names", "expected"),
    [
        (np.array([0, 1, 2]), ("a", "b", "c"), True),
        (np.array([0, 1, 1]), ("a", "b"), True),
        (np.array([0, 1, 3]), ("a", "b", "c"), False),
        (np.array([-1, 1, 2]), ("a", "b", "c"), False),
        (np.array([0, 0, 0]), ("a",), False),
        (np.array([0.0, 1.0]), ("a", "b"), False),
        (np.array([[0, 1], [1, 0]]), ("a", "b"), False),
    ],
)
def test_labels_are_indices_of_at_least_two_names(
    labels: np.ndarray[Any, Any], names: tuple[str, ...], expected: bool
) -> None:
    assert Multiclass().fits(labels, names) is expected


def test_the_output_layer_has_a_unit_for_each_class() -> None:
    assert output_of(Multiclass(), load_dataset(Node("toonvision.dataset.digits.load"))) == Output(10)


def test_the_best_constant_answer_is_the_most_frequent_class() -> None:
    assert Multiclass().trivial(np.array([0, 1, 1, 2, 1])) == 2.0
